/* What is counted is printed, as Prometheus reads it. */
#include "obs/health.h"
#include "obs/metrics.h"
#include "tests/support/exposition.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void counters_and_gauges_are_printed_with_type_and_help(void **state)
{
    struct metrics *metrics = metrics_new(pl_mem_libc());
    struct pl_buf text;
    (void)state;
    pl_buf_init(&text, pl_mem_libc());
    metrics_add(metrics, METRIC_BATCHES, 2);
    metrics_add(metrics, METRIC_BATCHES, 40);
    metrics_set(metrics, METRIC_SESSIONS, 7);
    metrics_sub(metrics, METRIC_SESSIONS, 2);
    metrics_write(metrics, &text);
    pl_buf_append(&text, "", 1);
    assert_false(text.failed);
    assert_non_null(strstr((char *)text.data,
                           "# TYPE plenum_batches_total counter\nplenum_batches_total 42\n"));
    assert_non_null(strstr((char *)text.data, "# TYPE plenum_sessions gauge\nplenum_sessions 5\n"));
    assert_non_null(strstr((char *)text.data, "# HELP plenum_sessions "));
    pl_buf_done(&text);
    metrics_free(metrics);
}

static void what_is_measured_is_printed_as_histograms(void **state)
{
    struct metrics *metrics = metrics_new(pl_mem_libc());
    struct pl_buf text;
    (void)state;
    pl_buf_init(&text, pl_mem_libc());
    metrics_observe(metrics, HISTOGRAM_COMMIT, 50);
    metrics_observe(metrics, HISTOGRAM_COMMIT, 51);
    metrics_observe(metrics, HISTOGRAM_COMMIT, 1500000);
    metrics_observe(metrics, HISTOGRAM_COMMIT, 3600000000u);
    metrics_observe(metrics, HISTOGRAM_QUEUE, 0);
    metrics_observe(metrics, HISTOGRAM_QUEUE, 1u << 20);
    metrics_add(metrics, METRIC_DROPPED_TAIL_SLOW, 3);
    metrics_write(metrics, &text);
    pl_buf_append(&text, "", 1);
    assert_false(text.failed);
    const char *page = (const char *)text.data;
    assert_true(exposition_check(page) > METRIC_COUNT);
    assert_true(exposition_value(page, "plenum_journal_commit_seconds_bucket{le=\"0.000050\"}") == 1);
    assert_true(exposition_value(page, "plenum_journal_commit_seconds_bucket{le=\"0.000100\"}") == 2);
    assert_true(exposition_value(page, "plenum_journal_commit_seconds_bucket{le=\"10.000000\"}") == 3);
    assert_true(exposition_value(page, "plenum_journal_commit_seconds_count") == 4);
    assert_true(exposition_value(page, "plenum_journal_commit_seconds_sum") == 3601.500101);
    assert_true(exposition_value(page, "plenum_queue_bytes_bucket{le=\"0\"}") == 1);
    assert_true(exposition_value(page, "plenum_queue_bytes_bucket{le=\"1048576\"}") == 2);
    assert_true(exposition_value(page, "plenum_dropped_total{reason=\"tail_slow\"}") == 3);
    pl_buf_done(&text);
    metrics_free(metrics);
}

static void names_are_unique(void **state)
{
    static const char *const names[] = {
#define X(name, type, text, help) text,
#include "obs/metrics.def"
#undef X
    };
    (void)state;
    for (size_t i = 0; i < METRIC_COUNT; i++)
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(names[i], names[k]);
}

static void counting_without_metrics_is_harmless(void **state)
{
    (void)state;
    metrics_add(NULL, METRIC_OPS, 1);
    metrics_set(NULL, METRIC_BOARDS, 1);
    metrics_sub(NULL, METRIC_BOARDS, 1);
    assert_int_equal(metrics_get(NULL, METRIC_OPS), 0);
}

static void a_draining_server_is_not_ready(void **state)
{
    struct health health = {HEALTH_STARTING};
    (void)state;
    assert_false(health_ready(&health));
    health_move(&health, HEALTH_READY);
    assert_true(health_ready(&health));
    health_move(&health, HEALTH_DRAINING);
    assert_false(health_ready(&health));
    assert_string_equal(health_name(&health), "draining");
}

static void a_refusing_disk_makes_a_server_unready_and_still_serving(void **state)
{
    struct health health = {HEALTH_STARTING};
    (void)state;
    health_disk(&health, true); /* before it listens: nobody is sent away yet */
    assert_int_equal(health.state, HEALTH_STARTING);
    health_move(&health, HEALTH_READY);
    health_disk(&health, true);
    health_disk(&health, true);
    assert_true(!health_ready(&health) && health_serving(&health));
    assert_string_equal(health_name(&health), "read_only");
    health_disk(&health, false);
    assert_true(health_ready(&health));
    health_disk(&health, true);
    health_move(&health, HEALTH_DRAINING);
    health_disk(&health, false);
    assert_true(!health_ready(&health) && !health_serving(&health));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counters_and_gauges_are_printed_with_type_and_help),
        cmocka_unit_test(what_is_measured_is_printed_as_histograms),
        cmocka_unit_test(names_are_unique),
        cmocka_unit_test(counting_without_metrics_is_harmless),
        cmocka_unit_test(a_draining_server_is_not_ready),
        cmocka_unit_test(a_refusing_disk_makes_a_server_unready_and_still_serving),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
