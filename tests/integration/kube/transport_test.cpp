#include "controller/clients/cpprest_transport.hpp"
#include "libs/async/task_group.hpp"
#include "libs/async/with_deadline.hpp"
#include "tests/support/run.hpp"
#include "tests/support/scripted_http_server.hpp"

#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chatflow::clients {
namespace {

using test::CertificateAuthority;
using test::ScriptedConnection;
using test::ScriptedHttpServer;
using test::ScriptedRequest;
using testing::HasSubstr;
using namespace std::chrono_literals;
using Step = ScriptedHttpServer::Step;

Step reply(int status, std::string body, std::string headers = "") {
    return [=](const ScriptedRequest&, ScriptedConnection& peer) {
        peer.reply(status, body, headers);
    };
}

Step hang_up() {
    return [](const ScriptedRequest&, ScriptedConnection& peer) { peer.close(); };
}

class CpprestTransport : public testing::Test {
 protected:
    HttpResponse send(HttpTransport& transport, HttpRequest request) {
        return test::run(io_, transport.send(std::move(request), Deadline::after(20s)));
    }

    std::unique_ptr<HttpTransport> transport_to(const ScriptedHttpServer& server,
                                                TlsSettings tls = {}) {
        return make_cpprest_transport({.base_url = server.url(), .tls = std::move(tls)});
    }

    std::string failure_of(HttpTransport& transport) {
        try {
            const auto response = send(transport, {.target = "/"});
            return "no failure but " + std::to_string(response.status);
        } catch (const TransportError& failure) {
            return failure.what();
        }
    }

    asio::io_context io_;
};

TEST_F(CpprestTransport, ReturnsStatusHeadersAndBody) {
    ScriptedHttpServer server({reply(418, "short and stout", "X-Kind: teapot\r\n")});
    const auto transport = transport_to(server);
    const auto response = send(*transport, {.target = "/"});
    EXPECT_EQ(response.status, 418);
    EXPECT_EQ(response.body, "short and stout");
    ASSERT_TRUE(find_header(response.headers, "x-kind"));
    EXPECT_EQ(*find_header(response.headers, "x-kind"), "teapot");
}

TEST_F(CpprestTransport, SendsWhatItIsGiven) {
    ScriptedHttpServer server({reply(200, "")});
    const auto transport = transport_to(server);
    send(*transport, {.method = "PATCH",
                      .target = "/a%2Fb?q=x%26y",
                      .headers = {{"Content-Type", "application/apply-patch+yaml"}, {"A", "b"}},
                      .body = "{}"});
    const auto requests = server.requests();
    ASSERT_EQ(requests.size(), 1U);
    EXPECT_EQ(requests[0].method, "PATCH");
    EXPECT_EQ(requests[0].target, "/a%2Fb?q=x%26y");
    EXPECT_EQ(requests[0].header("Content-Type"), "application/apply-patch+yaml");
    EXPECT_EQ(requests[0].header("A"), "b");
    EXPECT_EQ(requests[0].body, "{}");
}

TEST_F(CpprestTransport, RefusesHeadersThatWouldSmuggleOthers) {
    ScriptedHttpServer server({reply(200, "")});
    const auto transport = transport_to(server);
    EXPECT_THROW(send(*transport, {.target = "/", .headers = {{"A", "b\r\nC: d"}}}),
                 TransportError);
    EXPECT_TRUE(server.requests().empty());
}

TEST_F(CpprestTransport, UsesAConnectionAgain) {
    // The library takes a connection back a moment after the end of the response: the next request
    // may come too early for it, but not each one.
    constexpr int kRequests = 20;
    ScriptedHttpServer server(std::vector<Step>(kRequests, reply(200, "ok")));
    const auto transport = transport_to(server);
    for (int i = 0; i < kRequests; ++i) send(*transport, {.target = "/"});
    EXPECT_LT(server.requests().back().connection, kRequests);
}

TEST_F(CpprestTransport, FollowsNoRedirect) {
    ScriptedHttpServer server({reply(302, "", "Location: /elsewhere\r\n"), reply(200, "")});
    const auto transport = transport_to(server);
    EXPECT_EQ(send(*transport, {.target = "/"}).status, 302);
}

TEST_F(CpprestTransport, RefusesABodyThatIsTooLong) {
    ScriptedHttpServer server({reply(200, std::string(5000, 'x'))});
    const auto transport = transport_to(server);
    EXPECT_THROW(send(*transport, {.target = "/", .response_bytes_max = 4999}), TransportError);
}

TEST_F(CpprestTransport, AResetIsATransportErrorThatNamesTheRequest) {
    auto reset = [](const ScriptedRequest&, ScriptedConnection& peer) { peer.reset(); };
    ScriptedHttpServer server({reset});
    const auto transport = transport_to(server);
    EXPECT_THAT(failure_of(*transport), HasSubstr("GET " + server.url()));
}

TEST_F(CpprestTransport, NobodyListeningIsATransportError) {
    std::string url;
    {
        ScriptedHttpServer gone({});
        url = gone.url();
    }
    const auto transport = make_cpprest_transport({.base_url = url, .tls = {}});
    EXPECT_THAT(failure_of(*transport), HasSubstr("connect"));
}

TEST_F(CpprestTransport, TheDeadlineEndsARequestAndClosesItsSocket) {
    std::promise<bool> peer_left;
    auto silence = [&](const ScriptedRequest&, ScriptedConnection& peer) {
        peer_left.set_value(peer.wait_until_peer_leaves());
    };
    ScriptedHttpServer server({silence});
    const auto transport = transport_to(server);
    auto request = transport->send({.target = "/"}, Deadline::after(200ms));
    EXPECT_THROW(test::run(io_, std::move(request)), DeadlineExceeded);
    EXPECT_TRUE(peer_left.get_future().get());
}

TEST_F(CpprestTransport, CancellationClosesTheSocket) {
    TaskGroup tasks(io_.get_executor(), [](const std::exception_ptr&) {
        ADD_FAILURE() << "ended otherwise than by cancellation";
    });
    std::promise<bool> peer_left;
    auto silence = [&](const ScriptedRequest&, ScriptedConnection& peer) {
        asio::post(io_, [&tasks] { tasks.cancel(); });
        peer_left.set_value(peer.wait_until_peer_leaves());
    };
    ScriptedHttpServer server({silence});
    const auto transport = transport_to(server);
    const auto endless = [&]() -> awaitable<void> {
        co_await transport->send({.target = "/"}, Deadline::after(1h));
    };
    tasks.spawn(endless());
    test::run(io_, tasks.wait());
    EXPECT_TRUE(peer_left.get_future().get());
}

TEST_F(CpprestTransport, RepeatsAGetWhosePooledConnectionWasClosed) {
    // Once more when the second request came too early for the pool and had a connection of its
    // own: then it is right to fail.
    for (int attempts = 0; attempts < 20; ++attempts) {
        ScriptedHttpServer server({reply(200, "first"), hang_up(), reply(200, "second")});
        const auto transport = transport_to(server);
        send(*transport, {.target = "/"});
        try {
            EXPECT_EQ(send(*transport, {.target = "/"}).body, "second");
            return;
        } catch (const TransportError& failure) {
            ASSERT_EQ(server.requests().at(1).connection, 2) << failure.what();
        }
    }
    FAIL() << "no connection was ever used again";
}

TEST_F(CpprestTransport, NeverRepeatsAPost) {
    ScriptedHttpServer server({reply(200, "first"), hang_up(), reply(200, "second")});
    const auto transport = transport_to(server);
    send(*transport, {.target = "/"});
    EXPECT_THROW(send(*transport, {.method = "POST", .target = "/", .body = "{}"}), TransportError);
    EXPECT_EQ(server.requests().size(), 2U);
}

class CpprestStream : public CpprestTransport {
 protected:
    std::unique_ptr<HttpStream> open(HttpTransport& transport,
                                     std::chrono::steady_clock::duration idle_timeout = 20s) {
        return test::run(io_, transport.open({.target = "/"}, {.head_by = Deadline::after(20s),
                                                               .idle_timeout = idle_timeout}));
    }
};

TEST_F(CpprestStream, DeliversEachPieceAsItComes) {
    std::promise<void> first_was_read;
    auto two_pieces = [&](const ScriptedRequest&, ScriptedConnection& peer) {
        peer.start_stream();
        peer.send_chunk("first");
        first_was_read.get_future().wait();
        peer.send_chunk("second");
        peer.end_stream();
    };
    ScriptedHttpServer server({two_pieces});
    const auto transport = transport_to(server);
    const auto stream = open(*transport);
    EXPECT_EQ(stream->head().status, 200);
    EXPECT_EQ(test::run(io_, stream->read()), "first");
    first_was_read.set_value();
    EXPECT_EQ(test::run(io_, stream->read()), "second");
    EXPECT_EQ(test::run(io_, stream->read()), std::nullopt);
}

TEST_F(CpprestStream, DeliversWhatCameBeforeAReset) {
    std::promise<void> was_read;
    auto half = [&](const ScriptedRequest&, ScriptedConnection& peer) {
        peer.start_stream();
        peer.send_chunk("half a li");
        was_read.get_future().wait();
        peer.reset();
    };
    ScriptedHttpServer server({half});
    const auto transport = transport_to(server);
    const auto stream = open(*transport);
    EXPECT_EQ(test::run(io_, stream->read()), "half a li");
    was_read.set_value();
    EXPECT_THROW(test::run(io_, stream->read()), TransportError);
}

TEST_F(CpprestStream, ASilentPeerIsGivenUpAndItsSocketClosed) {
    std::promise<bool> peer_left;
    auto silence = [&](const ScriptedRequest&, ScriptedConnection& peer) {
        peer.start_stream();
        peer_left.set_value(peer.wait_until_peer_leaves());
    };
    ScriptedHttpServer server({silence});
    const auto transport = transport_to(server);
    auto stream = open(*transport, 100ms);
    EXPECT_THROW(test::run(io_, stream->read()), TransportError);
    stream.reset();
    EXPECT_TRUE(peer_left.get_future().get());
}

TEST_F(CpprestStream, AReaderThatLeavesEndsAStreamThatNeverStops) {
    std::promise<void> has_ended;
    auto flood = [&](const ScriptedRequest&, ScriptedConnection& peer) {
        peer.start_stream();
        const std::string chunk(std::size_t{64} << 10, 'x');
        // Far more than the buffers of both ends hold; the writes fail once the reader has left.
        for (int chunks = 0; chunks < 4096; ++chunks) peer.send_chunk(chunk);
        has_ended.set_value();
    };
    ScriptedHttpServer server({flood});
    const auto transport = transport_to(server);
    auto stream = open(*transport);
    EXPECT_TRUE(test::run(io_, stream->read()));
    stream.reset();
    has_ended.get_future().wait();
}

class CpprestTls : public CpprestTransport {
 protected:
    CertificateAuthority authority_{"the authority"};
    CertificateAuthority other_authority_{"another authority"};
};

TEST_F(CpprestTls, AcceptsACertificateOfItsAuthorityForTheAddress) {
    ScriptedHttpServer server({reply(200, "")}, authority_.issue_server({"IP:127.0.0.1"}));
    const auto transport = transport_to(server, {.authorities_pem = authority_.certificate()});
    EXPECT_EQ(send(*transport, {.target = "/"}).status, 200);
}

TEST_F(CpprestTls, RefusesAnotherAuthority) {
    ScriptedHttpServer server({reply(200, "")}, authority_.issue_server({"IP:127.0.0.1"}));
    const auto transport =
        transport_to(server, {.authorities_pem = other_authority_.certificate()});
    EXPECT_THAT(failure_of(*transport), HasSubstr("SSL handshake"));
    EXPECT_TRUE(server.requests().empty());
}

TEST_F(CpprestTls, RefusesACertificateForAnotherName) {
    ScriptedHttpServer server({reply(200, "")}, authority_.issue_server({"DNS:example.org"}));
    const auto transport = transport_to(server, {.authorities_pem = authority_.certificate()});
    EXPECT_THAT(failure_of(*transport), HasSubstr("SSL handshake"));
}

TEST_F(CpprestTls, ChecksTheNameThatItIsToldToCheck) {
    ScriptedHttpServer server({reply(200, "")}, authority_.issue_server({"DNS:example.org"}));
    const auto transport = transport_to(
        server, {.authorities_pem = authority_.certificate(), .server_name = "example.org"});
    EXPECT_EQ(send(*transport, {.target = "/"}).status, 200);
}

TEST_F(CpprestTls, SkipsTheCheckOnlyWhenTold) {
    ScriptedHttpServer server({reply(200, "")}, authority_.issue_server({"DNS:example.org"}));
    const auto transport = transport_to(server, {.skip_verification = true});
    EXPECT_EQ(send(*transport, {.target = "/"}).status, 200);
}

TEST_F(CpprestTls, UsesARotatedAuthorityForTheNextRequest) {
    ScriptedHttpServer server({reply(200, "")}, authority_.issue_server({"IP:127.0.0.1"}));
    const auto transport =
        transport_to(server, {.authorities_pem = other_authority_.certificate()});
    EXPECT_THROW(send(*transport, {.target = "/"}), TransportError);
    transport->use_tls(
        {.authorities_pem = other_authority_.certificate() + authority_.certificate()});
    EXPECT_EQ(send(*transport, {.target = "/"}).status, 200);
}

TEST_F(CpprestTls, AuthoritiesThatCannotBeReadAreATransportError) {
    ScriptedHttpServer server({reply(200, "")}, authority_.issue_server({"IP:127.0.0.1"}));
    const auto transport = transport_to(server, {.authorities_pem = "no PEM"});
    EXPECT_THAT(failure_of(*transport), HasSubstr("authorities cannot be read"));
}

}  // namespace
}  // namespace chatflow::clients
