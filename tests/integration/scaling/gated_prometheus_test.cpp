#include "controller/reconcilers/scaling/gated_prometheus.hpp"

#include "controller/clients/cpprest_transport.hpp"
#include "libs/async/side_by_side.hpp"
#include "tests/support/run.hpp"
#include "tests/support/scripted_http_server.hpp"

#include <vector>

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

namespace chatflow {
namespace {

using namespace std::chrono_literals;
using test::ScriptedConnection;
using test::ScriptedHttpServer;
using test::ScriptedRequest;

constexpr Circuit::Moment kStart{1000h};
const api::MetricError kSilence{"QueryTimedOut", "no answer"};

TEST(Circuit, OneFailureIsNone) {
    Circuit circuit;
    circuit.failed(kSilence, kStart);
    EXPECT_TRUE(circuit.admits(kStart));
    circuit.answered();
    circuit.failed(kSilence, kStart);
    EXPECT_TRUE(circuit.admits(kStart));
}

TEST(Circuit, OfAServerThatIsSilentLetsOneProbeThroughNowAndThen) {
    Circuit circuit;
    circuit.failed(kSilence, kStart);
    circuit.failed(kSilence, kStart);
    EXPECT_FALSE(circuit.admits(kStart + Circuit::kPause - 1ms));
    EXPECT_EQ(circuit.last_failure(), kSilence);
    EXPECT_TRUE(circuit.admits(kStart + Circuit::kPause));
    EXPECT_FALSE(circuit.admits(kStart + Circuit::kPause));
    circuit.gave_up();
    EXPECT_TRUE(circuit.admits(kStart + Circuit::kPause));
    circuit.failed(kSilence, kStart + 10s);
    EXPECT_FALSE(circuit.admits(kStart + 10s + Circuit::kPause - 1ms));
    EXPECT_TRUE(circuit.admits(kStart + 10s + Circuit::kPause));
    circuit.answered();
    EXPECT_TRUE(circuit.admits(kStart + 16s));
    EXPECT_TRUE(circuit.admits(kStart + 16s));
}

TEST(GatedPrometheus, WhileItIsSilentNobodyButTheFirstWaitsForIt) {
    constexpr std::size_t kPolicies = 40;
    ScriptedHttpServer server(std::vector<ScriptedHttpServer::Step>(
        kPolicies,
        [](const ScriptedRequest&, ScriptedConnection& peer) { peer.wait_until_peer_leaves(); }));
    asio::io_context io;
    const auto transport = clients::make_cpprest_transport({.base_url = server.url()});
    prom::Client client(io.get_executor(), *transport, {.query_timeout = 1s}, [](auto, auto) {});
    GatedPrometheus gate(io.get_executor(), client);
    std::vector<GatedPrometheus::Answer> answers(kPolicies);
    const auto ask = [&](GatedPrometheus::Answer& answer) -> awaitable<void> {
        answer = co_await gate.query("up", {}, Deadline::after(20s));
    };
    for (int round = 0; round < 2; ++round) {
        std::vector<awaitable<void>> questions;
        for (auto& answer : answers) questions.push_back(ask(answer));
        test::run(io, side_by_side(std::move(questions), 16));
        for (const auto& answer : answers) {
            ASSERT_FALSE(answer);
            EXPECT_EQ(answer.error().reason, "QueryTimedOut");
        }
    }
    EXPECT_EQ(server.requests().size(), GatedPrometheus::kAtOnce);
}

}  // namespace
}  // namespace chatflow
