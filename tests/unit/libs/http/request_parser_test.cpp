#include "libs/http/request_parser.hpp"

#include <string>

#include <gtest/gtest.h>

namespace chatflow::http {
namespace {

using State = RequestParser::State;

/// Feeds everything, as the session does: what was not taken comes again with more behind it.
State feed_all(RequestParser& parser, std::string_view input, std::size_t step = SIZE_MAX) {
    std::size_t begin = 0;
    for (std::size_t end = 0; end < input.size();) {
        end += std::min(step, input.size() - end);
        while (const std::size_t taken = parser.feed(input.substr(begin, end - begin))) {
            begin += taken;
        }
    }
    return parser.state();
}

/// The status with which the request is refused; 0 when it is accepted, -1 when more is awaited.
int refused(std::string_view input, const Limits& limits = {}) {
    RequestParser parser(limits);
    const State state = feed_all(parser, input);
    if (state == State::Complete) return 0;
    return state == State::Refused ? parser.refusal().status : -1;
}

constexpr std::string_view kPost =
    "POST /rooms/7/messages?notify=1 HTTP/1.1\r\nHost: chat\r\nContent-Type: application/json\r\n"
    "Content-Length: 11\r\n\r\n{\"text\":42}";

TEST(RequestParser, GivesTheWholeRequest) {
    RequestParser parser({});
    ASSERT_EQ(feed_all(parser, kPost), State::Complete);
    const Request& request = parser.request();
    EXPECT_EQ(request.method, Method::Post);
    EXPECT_EQ(request.target, "/rooms/7/messages?notify=1");
    EXPECT_EQ(request.path, "/rooms/7/messages");
    EXPECT_EQ(request.query, "notify=1");
    EXPECT_EQ(request.body, "{\"text\":42}");
    EXPECT_EQ(request.header("host"), "chat");
    EXPECT_TRUE(parser.keep_alive());
}

TEST(RequestParser, AnEmptyChunkedBodyMayComeByteByByte) {
    constexpr std::string_view kEmpty =
        "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
    for (std::size_t step = 1; step < 6; ++step) {
        RequestParser parser({});
        ASSERT_EQ(feed_all(parser, kEmpty, step), State::Complete) << step;
        EXPECT_EQ(parser.request().body, "");
    }
}

TEST(RequestParser, DoesNotCareHowTheBytesArrive) {
    constexpr std::string_view kChunked =
        "PUT /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
        "5;name=value\r\nhello\r\n6\r\n world\r\n0\r\nTrailer: x\r\n\r\n";
    for (std::size_t step = 1; step < 20; ++step) {
        RequestParser parser({});
        ASSERT_EQ(feed_all(parser, kPost, step), State::Complete) << step;
        EXPECT_EQ(parser.request().body, "{\"text\":42}");
        parser.reset();
        ASSERT_EQ(feed_all(parser, kChunked, step), State::Complete) << step;
        EXPECT_EQ(parser.request().body, "hello world");
        EXPECT_EQ(parser.request().header("trailer"), std::nullopt);
    }
}

TEST(RequestParser, TakesOneRequestOfSeveral) {
    const std::string two = std::string(kPost) + "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
    RequestParser parser({});
    const std::size_t taken = parser.feed(two);
    EXPECT_EQ(taken, kPost.size());
    ASSERT_EQ(parser.state(), State::Complete);
    EXPECT_EQ(parser.feed(std::string_view(two).substr(taken)), 0U);
    parser.reset();
    EXPECT_EQ(parser.state(), State::BeforeRequest);
    EXPECT_EQ(parser.feed(std::string_view(two).substr(taken)), two.size() - taken);
    ASSERT_EQ(parser.state(), State::Complete);
    EXPECT_EQ(parser.request().path, "/");
    EXPECT_TRUE(parser.request().body.empty());
    EXPECT_EQ(parser.request().header("content-type"), std::nullopt);
}

TEST(RequestParser, KnowsWhenTheConnectionEnds) {
    const auto keeps = [](std::string_view head) {
        RequestParser parser({});
        EXPECT_EQ(feed_all(parser, head), State::Complete) << head;
        return parser.keep_alive();
    };
    EXPECT_TRUE(keeps("GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
    EXPECT_FALSE(keeps("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"));
    EXPECT_FALSE(keeps("GET / HTTP/1.0\r\n\r\n"));
    EXPECT_TRUE(keeps("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
}

TEST(RequestParser, ReadsAbsoluteTargets) {
    RequestParser parser({});
    ASSERT_EQ(feed_all(parser, "GET http://chat:80/rooms?x=1 HTTP/1.1\r\nHost: chat\r\n\r\n"),
              State::Complete);
    EXPECT_EQ(parser.request().path, "/rooms");
    EXPECT_EQ(parser.request().query, "x=1");
}

TEST(RequestParser, SaysWhenTheClientWaitsForContinue) {
    constexpr std::string_view kHead =
        "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n";
    RequestParser parser({});
    EXPECT_EQ(feed_all(parser, kHead), State::InBody);
    EXPECT_TRUE(parser.expects_continue());
    EXPECT_EQ(feed_all(parser, "ok"), State::Complete);
    EXPECT_FALSE(parser.expects_continue());
    EXPECT_EQ(refused("GET / HTTP/1.1\r\nHost: h\r\nExpect: a-miracle\r\n\r\n"), 417);
}

TEST(RequestParser, RefusesWhatTwoReadersCouldUnderstandDifferently) {
    for (const auto* headers : {
             "Host: h\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n",
             "Host: h\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n",
             "Host: h\r\nTransfer-Encoding: gzip, chunked\r\n",
             "Host: h\r\nTransfer-Encoding: chunked, identity\r\n",
             "Host: h\r\nTransfer-Encoding: xchunked\r\n",
             "Host: h\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
             "Host: h\r\nContent-Length: 3\r\nContent-Length: 4\r\n",
             "Host: h\r\nContent-Length: -1\r\n",
             "Host: h\r\nContent-Length: +3\r\n",
             "Host: h\r\nContent-Length: 0x3\r\n",
             "Host: h\r\nContent-Length: 99999999999999999999\r\n",
             "Host: h\r\nContent-Length : 3\r\n",
             "Host: h\r\nHost: i\r\n",
             "Accept: */*\r\n",
             "Host: h\r\nBad Name: x\r\n",
             "Host: h\r\nX: a\nY: b\r\n",
         }) {
        EXPECT_EQ(refused("POST / HTTP/1.1\r\n" + std::string(headers) + "\r\nabc"), 400)
            << headers;
    }
    EXPECT_EQ(refused("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), 400);
    EXPECT_EQ(refused("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"),
              400);
}

TEST(RequestParser, RefusesRequestLinesThatMakeNoSense) {
    EXPECT_EQ(refused("GET / HTTP/2.0\r\nHost: h\r\n\r\n"), 505);
    EXPECT_EQ(refused("BREW /pot HTTP/1.1\r\nHost: h\r\n\r\n"), 501);
    EXPECT_EQ(refused("GET rooms HTTP/1.1\r\nHost: h\r\n\r\n"), 400);
    EXPECT_EQ(refused("CONNECT db:5432 HTTP/1.1\r\nHost: h\r\n\r\n"), 501);
    EXPECT_EQ(refused("\x16\x03\x01\x02 TLS, surely\r\n\r\n"), 400);
}

TEST(RequestParser, BoundsHeaderTargetAndBody) {
    const Limits limits{.header_bytes = 1024, .body_bytes = 100, .headers = 20};
    const std::string long_text(2000, 'a');
    EXPECT_EQ(refused("GET /" + long_text, limits), 414);
    EXPECT_EQ(refused("GET / HTTP/1.1\r\nHost: h\r\nX: " + long_text, limits), 431);
    std::string many = "GET / HTTP/1.1\r\n";
    for (int i = 0; i < 21; ++i) many += "A: b\r\n";
    EXPECT_EQ(refused(many + "\r\n", limits), 431);
    EXPECT_EQ(refused("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 101\r\n\r\n", limits), 413);
    EXPECT_EQ(refused("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\n", limits), -1);
    const std::string chunked = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
    EXPECT_EQ(refused(chunked + "33\r\n" + std::string(51, 'x') + "\r\n33\r\n", limits), 413);
    EXPECT_EQ(refused(chunked + "1;" + long_text, limits), 431);
    EXPECT_EQ(refused(chunked + "0\r\nTrailer: " + long_text, limits), 431);
}

TEST(RequestParser, TellsAnotherProtocolFromATargetWithASpace) {
    EXPECT_EQ(refused("GET / HTTP/2.0\r\nHost: h\r\n\r\n"), 505);
    EXPECT_EQ(refused("GET /a b HTTP/1.1\r\nHost: h\r\n\r\n"), 400);
    EXPECT_EQ(refused("GET / HTTP/1.12\r\nHost: h\r\n\r\n"), 400);
    EXPECT_EQ(refused("GET / FTP/1.1\r\nHost: h\r\n\r\n"), 400);
}

TEST(RequestParser, TakesALargeBodyAtItsOwnPathOnly) {
    const Limits limits{.body_bytes = 100, .large_body_path = "/files", .large_body_bytes = 200};
    const auto answer = [&](const std::string& line, int size) {
        return refused(line + " HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(size) +
                           "\r\n\r\n" + std::string(static_cast<std::size_t>(size), 'x'),
                       limits);
    };
    EXPECT_EQ(answer("POST /files", 200), 0);
    EXPECT_EQ(answer("POST /files?a=b", 200), 0);
    EXPECT_EQ(answer("POST /files", 201), 413);
    EXPECT_EQ(answer("PUT /files", 101), 413);
    EXPECT_EQ(answer("POST /files/7", 101), 413);
    EXPECT_EQ(answer("POST /", 101), 413);
    EXPECT_EQ(answer("POST /", 100), 0);
}

// A server that waits for more bytes after that would wait for a client that waits for an answer.
TEST(RequestParser, TakesARequestTogetherWithTheEmptyLinesBeforeIt) {
    constexpr std::string_view text = "\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n";
    RequestParser parser(Limits{});
    EXPECT_EQ(parser.feed(text), text.size());
    EXPECT_EQ(parser.state(), RequestParser::State::Complete);
}

TEST(RequestParser, ReadsOverEmptyLinesBeforeARequest) {
    EXPECT_EQ(refused("\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n"), 0);
}

}  // namespace
}  // namespace chatflow::http
