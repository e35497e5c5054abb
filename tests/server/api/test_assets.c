/* The web client's files: by their paths, in the coding the browser takes, cached as their names
 * allow. */
#include "tests/support/api_world.h"
#include "tests/support/core_check.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#define BYTES(text) (const uint8_t *)(text), .plain_len = sizeof(text) - 1
static const struct asset assets[] = {
    {.path = "/index.html",
     .type = "text/html; charset=utf-8",
     .etag = "aa11",
     .plain = BYTES("<!doctype html>page")},
    {.path = "/sw.js",
     .type = "text/javascript; charset=utf-8",
     .etag = "bb22",
     .plain = BYTES("worker")},
    {.path = "/assets/main-77.js",
     .type = "text/javascript; charset=utf-8",
     .etag = "cc33",
     .immutable = true,
     .plain = BYTES("plain script"),
     .gzip = (const uint8_t *)"gzipped",
     .gzip_len = 7,
     .br = (const uint8_t *)"brotli",
     .br_len = 6},
    {.path = "/assets/engine-88.wasm",
     .type = "application/wasm",
     .etag = "dd44",
     .immutable = true,
     .plain = BYTES("\0asm")},
};
#define ASSET_N (sizeof assets / sizeof *assets)

static const char policy[] = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src "
                             "'self'; img-src 'self' blob: data:; "
                             "media-src 'self' blob:; connect-src 'self'; font-src 'self'; "
                             "worker-src 'self'; manifest-src 'self'; "
                             "base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

static unsigned get(struct api_world *world, const char *path)
{
    struct api_request request = api_world_request(API_GET, path);
    return api_world_ask(world, &request);
}

static void assert_header(const struct api_world *world, const char *name, const char *value)
{
    char found[1024];
    assert_true(api_world_header(world, name, found));
    assert_string_equal(found, value);
}

static void home_and_every_board_are_the_page(void **state)
{
    static const char *const paths[] = {"/", "/index.html", "/b/8ArjesVCasQ", "/b/anything-short"};
    struct api_world *world = api_world_new(assets, ASSET_N, NULL);
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(get(world, paths[i]), 200);
        assert_string_equal(world->body, "<!doctype html>page");
        assert_header(world, "Content-Type", "text/html; charset=utf-8");
        assert_header(world, "Cache-Control", "no-cache");
    }
    api_world_free(world);
}

static void every_file_carries_the_policy(void **state)
{
    struct api_world *world = api_world_new(assets, ASSET_N, NULL);
    (void)state;
    for (size_t i = 0; i < ASSET_N; i++) {
        assert_int_equal(get(world, assets[i].path), 200);
        assert_header(world, "Content-Security-Policy", policy);
        assert_header(world, "X-Content-Type-Options", "nosniff");
        assert_header(world, "Referrer-Policy", "no-referrer");
        assert_header(world, "Cross-Origin-Opener-Policy", "same-origin");
        assert_header(world, "Content-Type", assets[i].type);
    }
    api_world_free(world);
}

static void hashed_names_are_kept_for_ever_and_others_asked_about(void **state)
{
    struct api_world *world = api_world_new(assets, ASSET_N, NULL);
    (void)state;
    assert_int_equal(get(world, "/assets/main-77.js"), 200);
    assert_header(world, "Cache-Control", "public, max-age=31536000, immutable");
    assert_int_equal(get(world, "/sw.js"), 200);
    assert_header(world, "Cache-Control", "no-cache");
    api_world_free(world);
}

static void the_best_coding_the_browser_takes_is_sent(void **state)
{
    static const struct {
        const char *accept;
        const char *body;
        const char *coding_or_null;
        const char *etag;
    } cases[] = {
        {"gzip, deflate, br", "brotli", "br", "\"cc33-br\""},
        {"br;q=0, gzip", "gzipped", "gzip", "\"cc33-gzip\""},
        {"br;q=0.0,gzip;q=0", "plain script", NULL, "\"cc33\""},
        {"GZIP;q=0.5", "gzipped", "gzip", "\"cc33-gzip\""},
        {"identity", "plain script", NULL, "\"cc33\""},
        {"brotli, gzipped", "plain script", NULL, "\"cc33\""},
        {"", "plain script", NULL, "\"cc33\""},
    };
    struct api_world *world = api_world_new(assets, ASSET_N, NULL);
    char found[1024];
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct api_request request = api_world_request(API_GET, "/assets/main-77.js");
        request.accept_encoding = api_text(cases[i].accept);
        assert_int_equal(api_world_ask(world, &request), 200);
        assert_string_equal(world->body, cases[i].body);
        assert_header(world, "ETag", cases[i].etag);
        assert_header(world, "Vary", "Accept-Encoding");
        assert_int_equal(api_world_header(world, "Content-Encoding", found),
                         cases[i].coding_or_null != NULL);
        if (cases[i].coding_or_null != NULL)
            assert_string_equal(found, cases[i].coding_or_null);
    }
    api_world_free(world);
}

static void what_the_browser_has_is_not_sent_again(void **state)
{
    static const struct {
        const char *tags;
        unsigned status;
    } cases[] = {
        {"\"cc33\"", 304},
        {"\"cc33-br\"", 304},
        {"\"x\", W/\"cc33-gzip\"", 304},
        {"*", 304},
        {"\"cc3\"", 200},
        {"\"cc334\"", 200},
        {"cc33", 200},
        {"", 200},
    };
    struct api_world *world = api_world_new(assets, ASSET_N, NULL);
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct api_request request = api_world_request(API_GET, "/assets/main-77.js");
        request.if_none_match = api_text(cases[i].tags);
        assert_int_equal(api_world_ask(world, &request), cases[i].status);
        if (cases[i].status == 304)
            assert_int_equal(world->body_len, 0);
        assert_header(world, "ETag", "\"cc33\"");
    }
    api_world_free(world);
}

static void unknown_paths_and_methods_are_told_apart(void **state)
{
    static const struct {
        enum api_method method;
        const char *path;
        unsigned status;
        const char *allow_or_null;
    } cases[] = {
        {API_GET, "/nope", 404, NULL},
        {API_GET, "/assets/", 404, NULL},
        {API_GET, "", 404, NULL},
        {API_GET, "/b/", 404, NULL},
        {API_GET, "/b/a/b", 404, NULL},
        {API_GET, "/../index.html", 404, NULL},
        {API_GET, "/index.html/", 404, NULL},
        {API_POST, "/", 405, "GET, HEAD"},
        {API_PUT, "/assets/main-77.js", 405, "GET, HEAD"},
        {API_OTHER, "/healthz", 405, "GET, HEAD"},
        {API_GET, "/api/boards", 405, "POST"},
        {API_DELETE, "/api/boards/8ArjesVCasQ/ticket", 405, "POST"},
        {API_GET, "/api/boards/8ArjesVCasQ", 405, "PUT"},
        {API_PUT, "/api/boards/not-an-id-", 404, NULL},
        {API_GET, "/api/boards/a/b/ticket", 404, NULL},
    };
    struct api_world *world = api_world_new(assets, ASSET_N, NULL);
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct api_request request = api_world_request(cases[i].method, cases[i].path);
        assert_int_equal(api_world_ask(world, &request), cases[i].status);
        assert_non_null(
            strstr(world->body, cases[i].status == 404 ? "\"not_found\"" : "\"method\""));
        if (cases[i].allow_or_null != NULL)
            assert_header(world, "Allow", cases[i].allow_or_null);
    }
    assert_int_equal(metrics_get(world->core->metrics, METRIC_REFUSED_HTTP),
                     sizeof cases / sizeof *cases);
    api_world_free(world);
}

static void metrics_are_answered_on_the_operators_address_alone(void **state)
{
    static const char *const peoples[] = {"/", "/index.html", "/b/8ArjesVCasQ", "/api/boards",
                                          "/api/boards/8ArjesVCasQ/ticket"};
    struct api_world *world = api_world_new(assets, ASSET_N, NULL);
    struct api_request request = api_world_request(API_GET, "/metrics");
    (void)state;
    assert_int_equal(api_world_ask(world, &request), 404);
    assert_null(strstr(world->body, "plenum_"));
    request.operated = true;
    assert_int_equal(api_world_ask(world, &request), 200);
    assert_non_null(strstr(world->body, "# TYPE plenum_"));
    request.path = api_text("/healthz");
    assert_int_equal(api_world_ask(world, &request), 200);
    for (size_t i = 0; i < sizeof peoples / sizeof *peoples; i++) {
        request = api_world_request(API_GET, peoples[i]);
        request.operated = true;
        assert_int_equal(api_world_ask(world, &request), 404);
        request.method = API_POST;
        assert_int_equal(api_world_ask(world, &request), 405);
    }
    api_world_free(world);
}

/* ---- --web-root ---- */

static void file_write(const char *folder, const char *name, const char *text)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    CORE_CHECK(file != NULL && fputs(text, file) >= 0 && fclose(file) == 0);
}

static void a_folder_can_stand_in_and_nothing_beside_it(void **state)
{
    char outer[64];
    char root[128];
    char path[256];
    (void)state;
    core_dir_make(outer);
    snprintf(root, sizeof root, "%s/root", outer);
    snprintf(path, sizeof path, "%s/root/assets", outer);
    assert_int_equal(mkdir(root, 0700), 0);
    assert_int_equal(mkdir(path, 0700), 0);
    file_write(outer, "secret.txt", "secret");
    file_write(root, "index.html", "from the folder");
    file_write(root, ".hidden", "hidden");
    file_write(root, "assets/engine.wasm", "wasm");

    struct api_world *world = api_world_new(assets, ASSET_N, root);
    char etag[1024];
    assert_int_equal(get(world, "/b/8ArjesVCasQ"), 200);
    assert_string_equal(world->body, "from the folder");
    assert_header(world, "Content-Security-Policy", policy);
    assert_true(api_world_header(world, "ETag", etag));
    struct api_request again = api_world_request(API_GET, "/");
    again.if_none_match = api_text(etag);
    assert_int_equal(api_world_ask(world, &again), 304);
    file_write(root, "index.html", "changed since then");
    assert_int_equal(api_world_ask(world, &again), 200);
    assert_int_equal(get(world, "/assets/engine.wasm"), 200);
    assert_header(world, "Content-Type", "application/wasm");
    assert_header(world, "Cache-Control", "no-cache");

    static const char *const hostile[] = {
        "/../secret.txt",
        "/assets/../../secret.txt",
        "/./index.html",
        "//index.html",
        "/.hidden",
        "/assets",
        "/assets/",
        "/..",
        "/%2e%2e/secret.txt",
        "/assets\\engine.wasm",
        "/index.html\n",
        "/assets/..",
        "/-",
        "index.html",
    };
    for (size_t i = 0; i < sizeof hostile / sizeof *hostile; i++)
        assert_int_equal(get(world, hostile[i]), 404);
    struct api_request nul = api_world_request(API_GET, "/");
    nul.path = (struct pl_slice){(const uint8_t *)"/index.html\0.js", 15};
    assert_int_equal(api_world_ask(world, &nul), 404);
    api_world_free(world);
    core_dir_remove(path);
    core_dir_remove(root);
    core_dir_remove(outer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(home_and_every_board_are_the_page),
        cmocka_unit_test(every_file_carries_the_policy),
        cmocka_unit_test(hashed_names_are_kept_for_ever_and_others_asked_about),
        cmocka_unit_test(the_best_coding_the_browser_takes_is_sent),
        cmocka_unit_test(what_the_browser_has_is_not_sent_again),
        cmocka_unit_test(unknown_paths_and_methods_are_told_apart),
        cmocka_unit_test(metrics_are_answered_on_the_operators_address_alone),
        cmocka_unit_test(a_folder_can_stand_in_and_nothing_beside_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
