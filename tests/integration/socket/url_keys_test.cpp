#include "workloads/socket/auth/url_keys.hpp"

#include "libs/async/task_group.hpp"
#include "libs/async/with_deadline.hpp"
#include "libs/base/base64.hpp"
#include "tests/support/run.hpp"
#include "tests/support/scripted_http_server.hpp"
#include "tests/support/temporary_folder.hpp"

#include <atomic>
#include <chrono>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include <gmock/gmock.h>

namespace chatflow::socket {
namespace {

using namespace std::chrono_literals;
using test::ScriptedConnection;
using test::ScriptedHttpServer;
using test::ScriptedRequest;
using testing::HasSubstr;

std::string jwks(const std::string& id) {
    return R"({"keys":[{"kty":"oct","kid":")" + id + R"(","k":")" +
           encode_base64url(std::string(32, 'k')) + R"("}]})";
}

ScriptedHttpServer::Step answer(int status, std::string body) {
    return [status, body = std::move(body)](const ScriptedRequest&, ScriptedConnection& peer) {
        peer.reply(status, body);
    };
}

KeyServer server_at(const std::string& url) { return {.url = http::parse_http_url(url).value()}; }

std::string failure_of(const ScriptedHttpServer::Step& step, std::chrono::milliseconds time = 10s) {
    ScriptedHttpServer server({step});
    const auto text = fetch(server_at(server.url()), 1000, Deadline::after(time));
    return text ? "none" : text.error();
}

TEST(KeyFetch, BringsTheDocument) {
    ScriptedHttpServer server({answer(200, jwks("a"))});
    EXPECT_EQ(fetch(server_at(server.url() + "/keys?v=1"), 1000, Deadline::after(10s)), jwks("a"));
    EXPECT_EQ(server.requests().front().target, "/keys?v=1");
}

TEST(KeyFetch, SaysWhatWentWrong) {
    EXPECT_EQ(failure_of(answer(500, "")), "it answered 500");
    EXPECT_EQ(failure_of(answer(302, "")), "it answered 302");
    EXPECT_EQ(failure_of(answer(200, std::string(1001, 'x'))), "it answered more than is taken");
    const auto endless = [](const ScriptedRequest&, ScriptedConnection& peer) {
        peer.start_stream();
        for (int i = 0; i < 100; ++i) peer.send_chunk(std::string(100, 'x'));
    };
    EXPECT_EQ(failure_of(endless), "it answered more than is taken");
    const auto giant_chunk = [](const ScriptedRequest&, ScriptedConnection& peer) {
        peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffff\r\n");
        peer.write(std::string(100'000, 'x'));
    };
    EXPECT_EQ(failure_of(giant_chunk), "it answered more than is taken");
    const auto silent = [](const ScriptedRequest&, ScriptedConnection& peer) {
        peer.wait_until_peer_leaves();
    };
    EXPECT_EQ(failure_of(silent, 100ms), "it did not answer in time");
    const auto dripping = [](const ScriptedRequest&, ScriptedConnection& peer) {
        peer.write("HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\nx");
        peer.wait_until_peer_leaves();
    };
    EXPECT_EQ(failure_of(dripping, 100ms), "it did not answer in time");
    const auto reset = [](const ScriptedRequest&, ScriptedConnection& peer) { peer.reset(); };
    EXPECT_NE(failure_of(reset), "none");
    std::string gone;
    {
        ScriptedHttpServer server({});
        gone = server.url();
    }
    EXPECT_FALSE(fetch(server_at(gone), 1000, Deadline::after(10s)));
}

TEST(KeyFetch, TrustsWhomItIsToldTo) {
    const test::CertificateAuthority authority("keys");
    ScriptedHttpServer server({answer(200, jwks("a")), answer(200, jwks("a"))},
                              authority.issue_server({"IP:127.0.0.1"}));
    const test::TemporaryFolder folder;
    const std::string file = folder.path() / "ca.pem";
    std::ofstream(file) << authority.certificate();
    auto where = server_at(server.url());
    EXPECT_FALSE(fetch(where, 1000, Deadline::after(10s))) << "the system does not know it";
    where.ca_file = file;
    EXPECT_EQ(fetch(where, 1000, Deadline::after(10s)), jwks("a"));
    where.url.host = "localhost";
    EXPECT_FALSE(fetch(where, 1000, Deadline::after(10s))) << "a certificate of another host";
}

// A server whose next answers are the steps; the last of them is given for ever.
class UrlKeysTest : public testing::Test {
 protected:
    void start(std::vector<ScriptedHttpServer::Step> steps, KeyScheduleOptions schedule) {
        while (steps.size() < 200) steps.push_back(steps.back());
        server_ = std::make_unique<ScriptedHttpServer>(std::move(steps));
        keys_ = std::make_unique<UrlKeys>(
            io_.get_executor(),
            UrlKeysOptions{.name = server_->url(),
                           .server = server_at(server_->url()),
                           .schedule = schedule,
                           .read_time = 300ms},
            [this](KeyRead result, std::size_t) { reads_.push_back(result); }, Log("test"));
        tasks_ = std::make_unique<TaskGroup>(io_.get_executor(), [](const std::exception_ptr&) {});
        tasks_->spawn(keys_->run());
    }
    void TearDown() override {
        tasks_->cancel();
        test::run(io_, tasks_->wait());
    }

    // Runs the loop until it holds.
    void until(const std::function<bool()>& condition) {
        const auto deadline = Deadline::after(20s);
        auto wait = [&]() -> awaitable<void> {
            while (!condition() && !deadline.has_passed()) {
                co_await sleep_until(Deadline::after(5ms));
            }
        };
        test::run(io_, wait());
        ASSERT_TRUE(condition());
    }
    [[nodiscard]] bool knows(const std::string& id) const {
        const auto keys = keys_->keys();
        return keys && !keys->candidates(id, auth::Algorithm::HS256).empty();
    }
    [[nodiscard]] Renewal renew() { return test::run(io_, keys_->renew(Deadline::after(10s))); }

    std::atomic<bool> is_back = false;  // read by the server's threads
    asio::io_context io_;
    std::unique_ptr<ScriptedHttpServer> server_;
    std::vector<KeyRead> reads_;
    std::unique_ptr<UrlKeys> keys_;
    std::unique_ptr<TaskGroup> tasks_;
};

TEST_F(UrlKeysTest, FollowTheirServer) {
    start({answer(200, jwks("old")), answer(200, jwks("old")), answer(200, jwks("new"))},
          {.period = 20ms});
    EXPECT_FALSE(keys_->trouble().empty());
    until([&] { return knows("new"); });
    EXPECT_EQ(keys_->trouble(), "");
    EXPECT_FALSE(knows("old"));
    EXPECT_EQ(reads_, (std::vector{KeyRead::Changed, KeyRead::Same, KeyRead::Changed}));
}

TEST_F(UrlKeysTest, AnUnknownKeyIsLookedForAtOnce) {
    start({answer(200, jwks("old")), answer(200, jwks("new"))},
          {.period = 1h, .unknown_pause = 10ms});
    until([&] { return knows("old"); });
    EXPECT_EQ(renew(), Renewal::Changed);
    EXPECT_TRUE(knows("new"));
    EXPECT_EQ(renew(), Renewal::Same);
}

TEST_F(UrlKeysTest, ManyUnknownKeysShareOneRead) {
    start({answer(200, jwks("old"))}, {.period = 1h, .unknown_pause = 100ms});
    until([&] { return knows("old"); });
    int same = 0;
    TaskGroup many(io_.get_executor(), [](const std::exception_ptr&) {});
    auto ask = [&]() -> awaitable<void> {
        if (co_await keys_->renew(Deadline::after(10s)) == Renewal::Same) ++same;
    };
    for (int i = 0; i < 100; ++i) many.spawn(ask());
    test::run(io_, many.wait());
    EXPECT_EQ(same, 100);
    EXPECT_EQ(server_->requests().size(), 2);
}

TEST_F(UrlKeysTest, AreKeptWhileTheServerAnswersNothingUsable) {
    const auto silent = [](const ScriptedRequest&, ScriptedConnection& peer) {
        peer.wait_until_peer_leaves();
    };
    const auto when_back = [this](const ScriptedRequest&, ScriptedConnection& peer) {
        peer.reply(is_back ? 200 : 503, jwks("new"));
    };
    start({answer(200, jwks("old")), answer(500, ""), answer(200, "<html>"),
           answer(200, R"({"keys":[]})"), answer(200, std::string(auth::kKeySetBytesMax + 1, ' ')),
           silent, when_back},
          {.period = 20ms, .retry_first = 10ms, .retry_max = 10ms});
    until([&] { return reads_.size() > 6; });
    EXPECT_EQ(reads_.front(), KeyRead::Changed);
    EXPECT_EQ(std::vector(reads_.begin() + 1, reads_.begin() + 7), std::vector(6, KeyRead::Failed));
    EXPECT_TRUE(knows("old"));
    EXPECT_EQ(keys_->trouble(), "") << "those that were read are in force";
    is_back = true;
    until([&] { return knows("new"); });
}

TEST_F(UrlKeysTest, CannotSayWhetherAKeyExistsWhileTheServerIsAway) {
    start({answer(200, jwks("old")), answer(503, "")}, {.period = 1h, .unknown_pause = 10ms});
    until([&] { return knows("old"); });
    EXPECT_EQ(renew(), Renewal::Unknown);
    EXPECT_TRUE(knows("old"));
}

TEST_F(UrlKeysTest, AreMissingUntilTheServerComes) {
    start({answer(503, ""), answer(503, ""), answer(200, jwks("a"))},
          {.period = 1h, .retry_first = 10ms});
    until([&] { return reads_.size() == 1; });
    EXPECT_THAT(keys_->trouble(), HasSubstr("it answered 503"));
    until([&] { return knows("a"); });
    EXPECT_EQ(keys_->trouble(), "");
}

}  // namespace
}  // namespace chatflow::socket
