/* Derives rates and ratios from the counts; measures nothing itself. */
#include "bench/load/report.h"
#include "bench/clock.h"
#include <inttypes.h>

static double ms(uint64_t ns)
{
    return (double)ns / (double)NS_PER_MS;
}

static double per_second(const struct report *report)
{
    return report->seconds > 0 ? (double)report->deliveries_while_editing / report->seconds : 0;
}

static double server_cpu_s(const struct report *report)
{
    return report->server_ended.cpu_s - report->server_began.cpu_s;
}

static double cpu_per_million(const struct report *report)
{
    uint64_t deliveries = report->stats->deliveries;
    return deliveries == 0 ? 0 : server_cpu_s(report) * 1e6 / (double)deliveries;
}

static double rss_per_client(const struct report *report)
{
    double grown_kb = (double)report->server_joined.rss_kb - (double)report->server_before.rss_kb;
    return grown_kb * 1024.0 / report->options->clients;
}

static void print_json(const struct report *report, FILE *out)
{
    const struct stats *stats = report->stats;
    const struct histogram *latency = &stats->latency;
    fprintf(
        out,
        "{\"clients\": %u, \"writers\": %u, \"rate\": %g, \"presence_hz\": %g, \"seconds\": %.3f, ",
        report->options->clients, report->options->writers, report->options->rate,
        report->options->presence_hz, report->seconds);
    fprintf(out,
            "\"sent\": %" PRIu64 ", \"acknowledged\": %" PRIu64 ", \"acknowledged_ops\": %" PRIu64
            ", ",
            stats->sent, stats->acknowledged, stats->acknowledged_ops);
    fprintf(out, "\"refused\": %" PRIu64 ", \"errors\": %" PRIu64 ", \"closed\": %u, ",
            stats->refused, stats->errors, report->closed);
    fprintf(out,
            "\"deliveries\": %" PRIu64 ", \"deliveries_per_s\": %.1f, \"frames\": %" PRIu64 ", ",
            stats->deliveries, per_second(report), stats->delivery_frames);
    fprintf(out, "\"p50_ms\": %.3f, \"p99_ms\": %.3f, \"max_ms\": %.3f, ",
            ms(histogram_quantile(latency, 0.5)), ms(histogram_quantile(latency, 0.99)),
            ms(latency->max_ns));
    fprintf(out,
            "\"presence_sent\": %" PRIu64 ", \"presence_received\": %" PRIu64
            ", \"cursors\": %" PRIu64 ", \"cursor_p50_ms\": %.3f, \"cursor_p99_ms\": %.3f, "
            "\"cursor_beyond_p50_ms\": %.3f, \"cursor_beyond_p99_ms\": %.3f, \"bytes_in\": %" PRIu64 ", ",
            stats->presence_sent, stats->presence_received, stats->cursors,
            ms(histogram_quantile(&stats->cursor_latency, 0.5)),
            ms(histogram_quantile(&stats->cursor_latency, 0.99)),
            ms(histogram_quantile(&stats->cursor_beyond, 0.5)),
            ms(histogram_quantile(&stats->cursor_beyond, 0.99)), report->bytes_in);
    fprintf(out, "\"joins\": %" PRIu64 ", \"join_p50_ms\": %.3f, \"join_max_ms\": %.3f, ",
            stats->joins.n, ms(histogram_quantile(&stats->joins, 0.5)), ms(stats->joins.max_ns));
    fprintf(out, "\"closes\": %" PRIu64 ", \"returns\": %" PRIu64 ", \"storm_ms\": %.1f, ",
            stats->closes, stats->returns, ms(stats->storm_ns));
    fprintf(out, "\"settled\": %s, \"equal\": %s, \"replicas\": %u, \"seq\": %" PRIu64 ", ",
            report->verdict.settled ? "true" : "false", report->verdict.equal ? "true" : "false",
            report->verdict.replicas, report->verdict.seq);
    fprintf(out, "\"hash\": \"%016" PRIx64 "\", \"load_cpu_s\": %.3f", report->verdict.hash,
            report->load_cpu_s);
    if (report->server_known) {
        fprintf(out, ", \"server_cpu_s\": %.3f, \"server_cpu_s_per_million\": %.4f, ",
                server_cpu_s(report), cpu_per_million(report));
        fprintf(out,
                "\"rss_kb_before\": %" PRIu64 ", \"rss_kb_joined\": %" PRIu64
                ", \"rss_kb_ended\": %" PRIu64,
                report->server_before.rss_kb, report->server_joined.rss_kb,
                report->server_ended.rss_kb);
        fprintf(out, ", \"rss_bytes_per_client\": %.0f", rss_per_client(report));
    }
    fprintf(out, "}\n");
}

static void print_text(const struct report *report, FILE *out)
{
    const struct stats *stats = report->stats;
    const struct histogram *latency = &stats->latency;
    fprintf(out, "%u clients, %u of them writing %g gestures/s each for %.1f s\n",
            report->options->clients, report->options->writers, report->options->rate,
            report->seconds);
    fprintf(out,
            "acknowledged  %" PRIu64 " of %" PRIu64 " batches, %" PRIu64 " operations, %" PRIu64
            " refused\n",
            stats->acknowledged, stats->sent, stats->acknowledged_ops, stats->refused);
    fprintf(out, "delivered     %" PRIu64 " in %" PRIu64 " frames, %.0f per second\n",
            stats->deliveries, stats->delivery_frames, per_second(report));
    fprintf(out,
            "latency       p50 %.2f ms, p99 %.2f ms, max %.2f ms, from send to each delivery\n",
            ms(histogram_quantile(latency, 0.5)), ms(histogram_quantile(latency, 0.99)),
            ms(latency->max_ns));
    if (stats->presence_sent > 0)
        fprintf(out,
                "presence      %" PRIu64 " sent, %" PRIu64 " cursors received in %" PRIu64
                " frames, %.0f per second\n"
                "cursors       p50 %.2f ms, p99 %.2f ms, from send to each; p50 %.2f ms, p99 %.2f ms beyond the "
                "tick they waited for\n",
                stats->presence_sent, stats->cursors, stats->presence_received,
                report->seconds > 0 ? (double)stats->cursors / report->seconds : 0,
                ms(histogram_quantile(&stats->cursor_latency, 0.5)),
                ms(histogram_quantile(&stats->cursor_latency, 0.99)),
                ms(histogram_quantile(&stats->cursor_beyond, 0.5)),
                ms(histogram_quantile(&stats->cursor_beyond, 0.99)));
    if (stats->joins.n > 0)
        fprintf(out, "joins         %" PRIu64 " at once, p50 %.2f ms, the last %.2f ms\n",
                stats->joins.n, ms(histogram_quantile(&stats->joins, 0.5)), ms(stats->joins.max_ns));
    if (stats->closes > 0)
        fprintf(out,
                "storm         %" PRIu64 " connections lost, %" PRIu64
                " attempts to come back, all there after %.2f s\n",
                stats->closes, stats->returns, ms(stats->storm_ns) / 1000);
    fprintf(out, "this process  %.2f s CPU, %.1f MB received\n", report->load_cpu_s,
            (double)report->bytes_in / 1e6);
    if (report->server_known) {
        fprintf(out, "server        %.2f s CPU, %.2f s per million deliveries\n",
                server_cpu_s(report), cpu_per_million(report));
        fprintf(out,
                "server RSS    %" PRIu64 " KB before, %" PRIu64
                " KB joined (%.0f bytes per client), %" PRIu64 " KB at the end\n",
                report->server_before.rss_kb, report->server_joined.rss_kb, rss_per_client(report),
                report->server_ended.rss_kb);
    }
    if (!report->options->raw)
        fprintf(out,
                "boards        %u whole replicas %s at seq %" PRIu64 ", state_hash %016" PRIx64
                "%s\n",
                report->verdict.replicas, report->verdict.equal ? "equal" : "DIFFER",
                report->verdict.seq, report->verdict.hash,
                report->verdict.settled ? "" : ", NEVER QUIET");
    if (stats->errors > 0 || report->closed > 0)
        fprintf(out, "errors        %" PRIu64 ", first: %s; %u clients closed by the server\n",
                stats->errors, stats->errors > 0 ? stats->first_error : "none", report->closed);
}

void report_print(const struct report *report, FILE *out)
{
    if (report->options->json)
        print_json(report, out);
    else
        print_text(report, out);
}
