#include "tests/integration/chat-server/chat_server_test.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <random>
#include <string>
#include <system_error>
#include <vector>

#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

namespace chatflow::chat {
namespace {

class HardeningTest : public ChatServerTest {
 protected:
    HardeningTest() : strict_(servers_, {"CHATFLOW_CORS_ORIGINS=https://chat.example"}) {
        serve(strict_);
    }

    // All that comes until the server closes the connection.
    std::string raw(const std::string& request) {
        boost::asio::io_context io;
        boost::asio::ip::tcp::socket socket(io);
        socket.connect({boost::asio::ip::address_v4::loopback(),
                        static_cast<boost::asio::ip::port_type>(strict_.port())});
        boost::system::error_code ec;
        boost::asio::write(socket, boost::asio::buffer(request), ec);
        socket.shutdown(boost::asio::ip::tcp::socket::shutdown_send, ec);
        std::string answer;
        boost::asio::read(socket, boost::asio::dynamic_buffer(answer), ec);
        return answer;
    }

    // Resident bytes of the server: the process that was given its port.
    long memory() {
        const std::string setting =
            "CHATFLOW_HTTP_ADDRESS=127.0.0.1:" + std::to_string(strict_.port()) + '\0';
        std::error_code error;
        for (const auto& entry : std::filesystem::directory_iterator("/proc", error)) {
            std::ifstream environment(entry.path() / "environ", std::ios::binary);
            const std::string text{std::istreambuf_iterator<char>(environment), {}};
            if (!text.contains(setting)) continue;
            std::ifstream status(entry.path() / "status");
            for (std::string line; std::getline(status, line);) {
                if (line.starts_with("VmRSS:")) return std::stol(line.substr(6)) * 1024;
            }
        }
        ADD_FAILURE() << "the server's process is not found";
        return 0;
    }

    Program strict_;
};

// Requests that are wrong, each in its own way, and well-formed enough to be answered and not
// waited for. The same ones each time.
class Malformed {
 public:
    std::string next() {
        const std::size_t kind = random_() % kKinds;
        return kind < kBodies ? with_body(bad_body(kind)) : bad_head(kind);
    }

 private:
    static constexpr std::size_t kBodies = 4;
    static constexpr std::size_t kKinds = 12;

    std::string one_of(const std::vector<std::string>& choices) {
        return choices[random_() % choices.size()];
    }

    std::string noise(std::size_t most) {
        std::string text(1 + random_() % most, ' ');
        for (char& c : text) c = static_cast<char>(random_() % 256);
        std::erase(text, '\n');
        return text;
    }

    static std::string with_body(const std::string& body) {
        return "POST /api/v1/rooms HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
               "Content-Length: " +
               std::to_string(body.size()) + "\r\n\r\n" + body;
    }

    std::string bad_body(std::size_t kind) {
        switch (kind) {
            case 0:
                return noise(200);
            case 1:
                return R"({"name":")" + noise(100) + "\\";
            case 2:
                return std::string(1 + random_() % 5'000, one_of({"[", "{"})[0]);
            default:
                return one_of({R"({"name":7})", R"({"name":null})", "[]", "7", "\"x\"",
                               R"({"name":"x","kind":"x"})", R"({"nam":"x"})"});
        }
    }

    std::string bad_head(std::size_t kind) {
        const std::string host = " HTTP/1.1\r\nHost: a\r\n";
        const std::string post = "POST /api/v1/rooms" + host;
        const std::string get = "GET /api/v1/rooms";
        switch (kind) {
            case 4:
                return get + "/" + std::to_string(random_()) + host + "\r\n";
            case 5:
                return get + "?" + one_of({"limit=", "after=", "limit=-"}) +
                       std::to_string(1'000 + random_()) + host + "\r\n";
            case 6:
                return "GET /" + noise(50) + host + "\r\n";
            case 7:
                return get + host + "\x01" + noise(50) + "\r\n\r\n";
            case 8:
                return get + host + "X: " + std::string(20'000, 'x') + "\r\n\r\n";
            case 9:
                return post + "Content-Length: " +
                       one_of({"-1", "99999999999999999999", "0x10", "70000"}) + "\r\n\r\n";
            case 10:
                return post +
                       "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n" +
                       one_of({"-1", "zz", "FFFFFFFFFF"}) + "\r\n";
            default:
                return get + "/%" + one_of({"zz", "", "f", "%%"}) + "/messages" + host + "\r\n";
        }
    }

    std::mt19937 random_{20261121};
};

std::string status_of(const std::string& answer) {
    return answer.size() < 12 ? std::string() : answer.substr(9, 3);
}

TEST_F(HardeningTest, WhatTwoReadersCouldUnderstandDifferentlyIsRefused) {
    const std::string post = "POST /api/v1/rooms HTTP/1.1\r\nHost: a\r\n";
    const std::vector<std::string> ambiguous = {
        post + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        post + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
        post + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        post + "Transfer-Encoding: identity\r\n\r\n",
        post + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        post + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
        post + "Content-Length: +5\r\n\r\nhello",
        post + "Content-Length: 5 \x01\r\n\r\nhello",
        "POST /api/v1/rooms HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        post + "Host: b\r\n\r\n",
        "GET /api/v1/rooms HTTP/1.1\r\n\r\n",
        post + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    };
    for (const std::string& request : ambiguous) {
        // A second request behind it, which must not be answered.
        const std::string answer = raw(request + "GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n");
        EXPECT_EQ(status_of(answer), "400") << request << answer;
        EXPECT_TRUE(answer.contains("application/problem+json")) << answer;
        EXPECT_TRUE(answer.contains("Connection: close")) << answer;
        EXPECT_FALSE(answer.contains("alive")) << request << answer;
    }
}

TEST_F(HardeningTest, TenThousandMalformedRequestsGetA4xxEachAndCostNoMemory) {
    Malformed requests;
    constexpr int kRequests = 12'000;
    constexpr int kWarmUp = 2'000;  // until an allocator has what it keeps
    long before = 0;
    std::map<std::string, int> by_status;
    for (int i = 0; i < kRequests; ++i) {
        if (i == kWarmUp) before = memory();
        const std::string request = requests.next();
        const std::string answer = raw(request);
        const std::string status = status_of(answer);
        ++by_status[status];
        ASSERT_TRUE(status.starts_with('4')) << request.substr(0, 200) << "\n" << answer;
        ASSERT_TRUE(answer.contains("Content-Type: application/problem+json")) << answer;
    }
    EXPECT_GE(by_status.size(), 4U);
    EXPECT_LT(memory() - before, 16L << 20U);
    EXPECT_EQ(ApiClient(strict_.port()).get("/health/live").status, 200);
    EXPECT_FALSE(strict_.log().contains("\"level\":\"error\"")) << strict_.log();
}

TEST_F(HardeningTest, AnswersAreProtectedTaggedAndCompressed) {
    ApiClient client(strict_.port());
    const std::string room = client.post("/api/v1/rooms", {{"name", "x"}}).location;
    const Answer first = client.get(room);
    EXPECT_EQ(first.headers.at("x-content-type-options"), "nosniff");
    EXPECT_EQ(first.headers.at("cache-control"), "private, no-cache");
    const std::string tag = first.headers.at("etag");
    const Answer same = client.get(room, "If-None-Match: " + tag + "\r\n");
    EXPECT_EQ(same.status, 304);
    EXPECT_TRUE(same.body.empty());
    EXPECT_EQ(client.patch(room, {{"name", "y"}}).status, 200);
    EXPECT_EQ(client.get(room, "If-None-Match: " + tag + "\r\n").status, 200);

    const std::string gzip = "Accept-Encoding: gzip\r\n";
    EXPECT_FALSE(client.get(room, gzip).headers.contains("content-encoding"));
    const Answer document = client.get("/api/v1/openapi.json", gzip);
    EXPECT_EQ(document.headers.at("content-encoding"), "gzip");
    EXPECT_LT(document.body.size() * 3, client.get("/api/v1/openapi.json").body.size());
}

TEST_F(HardeningTest, PagesOfAllowedOriginsOnlyMayReadAnswers) {
    ApiClient client(strict_.port());
    const Answer allowed = client.get("/api/v1/rooms", "Origin: https://chat.example\r\n");
    EXPECT_EQ(allowed.headers.at("access-control-allow-origin"), "https://chat.example");
    const Answer other = client.get("/api/v1/rooms", "Origin: https://evil.example\r\n");
    EXPECT_FALSE(other.headers.contains("access-control-allow-origin"));
    const Answer preflight = client.exchange(ApiClient::request(
        "OPTIONS", "/api/v1/rooms", {}, {},
        "Origin: https://chat.example\r\nAccess-Control-Request-Method: POST\r\n"));
    EXPECT_EQ(preflight.status, 204);
    EXPECT_TRUE(preflight.headers.at("access-control-allow-methods").contains("POST"));
}

}  // namespace
}  // namespace chatflow::chat
