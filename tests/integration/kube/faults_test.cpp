// The Kubernetes client against faults that a real API server does not show on demand.
#include "controller/clients/cpprest_transport.hpp"
#include "controller/clients/kube/api.hpp"
#include "controller/clients/kube/watcher.hpp"
#include "tests/integration/kube/config_map.hpp"
#include "tests/integration/kube/watch_session.hpp"
#include "tests/support/kube_session.hpp"
#include "tests/support/scripted_http_server.hpp"
#include "tests/support/temporary_folder.hpp"

#include <future>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace chatflow::kube {
namespace {

using nlohmann::json;
using test::ConfigMap;
using test::KubeSession;
using test::ScriptedConnection;
using test::ScriptedHttpServer;
using test::ScriptedRequest;
using test::WatchSession;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using namespace std::chrono_literals;
using Step = ScriptedHttpServer::Step;

json config_map(const std::string& name, const std::string& value, const std::string& version) {
    return {{"kind", "ConfigMap"},
            {"metadata", {{"name", name}, {"namespace", "chat"}, {"resourceVersion", version}}},
            {"data", {{"value", value}}}};
}

std::string line(const char* type, const json& object) {
    return json{{"type", type}, {"object", object}}.dump() + "\n";
}

json status(int code, const std::string& reason) {
    return {{"kind", "Status"}, {"status", "Failure"}, {"code", code}, {"reason", reason}};
}

std::string bookmark(const std::string& version, bool ends_initial_events = false) {
    json object = {{"kind", "ConfigMap"}, {"metadata", {{"resourceVersion", version}}}};
    if (ends_initial_events) {
        object["metadata"]["annotations"]["k8s.io/initial-events-end"] = "true";
    }
    return line("BOOKMARK", object);
}

Step reply(int code, const json& body, std::string headers = "") {
    return [=](const ScriptedRequest&, ScriptedConnection& peer) {
        peer.reply(code, body.dump(), headers);
    };
}

Step page(const std::vector<json>& items, const std::string& version,
          const std::string& continues = "") {
    return reply(200, {{"kind", "ConfigMapList"},
                       {"metadata", {{"resourceVersion", version}, {"continue", continues}}},
                       {"items", items}});
}

/// A watch that sends `text` and is then as `end` says.
template <class End>
Step watch(std::string text, End end) {
    return [text = std::move(text), end](const ScriptedRequest&, ScriptedConnection& peer) {
        peer.start_stream();
        if (!text.empty()) peer.send_chunk(text);
        end(peer);
    };
}

Step watch(std::string text) {
    return watch(std::move(text), [](ScriptedConnection& peer) { peer.wait_until_peer_leaves(); });
}

kube::ClusterAccess access_to(const ScriptedHttpServer& server) {
    kube::ClusterAccess access;
    access.server = server.url();
    return access;
}

Watcher<ConfigMap>::Options watch_with(bool watch_list) {
    return {.name_space = "chat",
            .selection = {},
            .loop = {.backoff = {.first = 1ms, .most = 10ms}, .use_watch_list = watch_list}};
}

std::vector<std::string> targets(const ScriptedHttpServer& server) {
    std::vector<std::string> all;
    for (const ScriptedRequest& request : server.requests()) all.push_back(request.target);
    return all;
}

TEST(KubeClientFaults, WaitsAsLongAsABusyServerAsks) {
    ScriptedHttpServer server({reply(429, status(429, "TooManyRequests"), "Retry-After: 1\r\n"),
                               reply(200, config_map("one", "1", "5"))});
    KubeSession session(access_to(server));
    Api<ConfigMap> maps(session.client(), "chat");
    const auto started = std::chrono::steady_clock::now();
    const auto found = session.run(maps.get("one", Deadline::after(20s)));
    ASSERT_TRUE(found);
    EXPECT_EQ(found->data.at("value"), "1");
    EXPECT_GE(std::chrono::steady_clock::now() - started, 1s);
}

TEST(KubeClientFaults, DoesNotWaitLongerThanItsDeadlineAllows) {
    ScriptedHttpServer server({reply(429, status(429, "TooManyRequests"), "Retry-After: 60\r\n")});
    KubeSession session(access_to(server));
    Api<ConfigMap> maps(session.client(), "chat");
    try {
        session.run(maps.get("one", Deadline::after(20s)));
        FAIL() << "the server's refusal was lost";
    } catch (const ApiError& refusal) {
        EXPECT_EQ(refusal.code(), 429);
        EXPECT_EQ(refusal.retry_after(), 60s);
    }
    EXPECT_EQ(server.requests().size(), 1U);
}

TEST(KubeClientFaults, GivesUpOnAServerThatIsAlwaysBusy) {
    const Step busy = reply(429, status(429, "TooManyRequests"), "Retry-After: 0\r\n");
    ScriptedHttpServer server(std::vector<Step>(20, busy));
    KubeSession session(access_to(server));
    Api<ConfigMap> maps(session.client(), "chat");
    EXPECT_THROW(session.run(maps.get("one", Deadline::after(20s))), ApiError);
    EXPECT_EQ(server.requests().size(), std::size_t{Client::kRetriesMax} + 1);
}

TEST(KubeClientFaults, ReadsARotatedTokenWhenTheOldOneIsRefused) {
    test::TemporaryFolder folder;
    ScriptedHttpServer server({reply(200, config_map("one", "1", "5")),
                               [&](const ScriptedRequest&, ScriptedConnection& peer) {
                                   folder.write("token", "new");
                                   peer.reply(401, status(401, "Unauthorized").dump());
                               },
                               reply(200, config_map("one", "2", "6"))});
    auto access = access_to(server);
    access.token.file = folder.write("token", "old");
    KubeSession session(access);
    Api<ConfigMap> maps(session.client(), "chat");
    session.run(maps.get("one", Deadline::after(20s)));
    const auto found = session.run(maps.get("one", Deadline::after(20s)));
    EXPECT_EQ(found->data.at("value"), "2");
    EXPECT_EQ(server.requests().at(1).header("Authorization"), "Bearer old");
    EXPECT_EQ(server.requests().at(2).header("Authorization"), "Bearer new");
}

TEST(KubeClientFaults, ListsAgainFromTheStartWhenAPageHasExpired) {
    ScriptedHttpServer server({page({config_map("gone", "1", "5")}, "10", "next"),
                               reply(410, status(410, "Expired")),
                               page({config_map("one", "1", "6")}, "11", "next"),
                               page({config_map("two", "2", "7")}, "11")});
    KubeSession session(access_to(server));
    Api<ConfigMap> maps(session.client(), "chat");
    std::vector<std::string> names;
    for (const ConfigMap& map : session.run(maps.list({}, Deadline::after(20s)))) {
        names.push_back(map.metadata.name);
    }
    EXPECT_THAT(names, ElementsAre("one", "two"));
}

TEST(KubeClientFaults, AnAnswerThatIsNoJsonIsATransportError) {
    const auto html = [](const ScriptedRequest&, ScriptedConnection& peer) {
        peer.reply(200, "<html>a proxy's page</html>");
    };
    ScriptedHttpServer server({html});
    KubeSession session(access_to(server));
    Api<ConfigMap> maps(session.client(), "chat");
    EXPECT_THROW(session.run(maps.get("one", Deadline::after(20s))), clients::TransportError);
}

TEST(WatcherFaults, SyncsAgainWhenItsVersionIsGoneInTheStream) {
    ScriptedHttpServer server({page({config_map("one", "1", "5")}, "10"),
                               watch(line("ERROR", status(410, "Expired"))),
                               page({config_map("two", "2", "6")}, "20"), watch("")});
    KubeSession session(access_to(server));
    WatchSession watch(session, watch_with(false));
    watch.wait_until_is({{"two", "2"}});
    EXPECT_EQ(watch.syncs(), 2);
}

TEST(WatcherFaults, SyncsAgainWhenItsVersionIsGoneOnConnect) {
    ScriptedHttpServer server({page({config_map("one", "1", "5")}, "10"),
                               reply(410, status(410, "Gone")),
                               page({config_map("two", "2", "6")}, "20"), watch("")});
    KubeSession session(access_to(server));
    WatchSession watch(session, watch_with(false));
    watch.wait_until_is({{"two", "2"}});
    EXPECT_EQ(watch.syncs(), 2);
}

TEST(WatcherFaults, GoesOnFromTheLastWholeLineAfterAReset) {
    const std::string whole = line("ADDED", config_map("two", "2", "11"));
    const std::string half = line("ADDED", config_map("never", "3", "12")).substr(0, 60);
    std::promise<void> was_read;
    ScriptedHttpServer server({page({config_map("one", "1", "5")}, "10"),
                               watch(whole + half,
                                     [&](ScriptedConnection& peer) {
                                         was_read.get_future().wait();
                                         peer.reset();
                                     }),
                               watch(line("MODIFIED", config_map("two", "changed", "13")))});
    KubeSession session(access_to(server));
    WatchSession watch(session, watch_with(false));
    watch.wait_until_is({{"one", "1"}, {"two", "2"}});
    was_read.set_value();
    watch.wait_until_is({{"one", "1"}, {"two", "changed"}});
    EXPECT_EQ(watch.syncs(), 1);
    EXPECT_THAT(targets(server).at(2), HasSubstr("resourceVersion=11"));
}

TEST(WatcherFaults, GoesOnFromABookmark) {
    ScriptedHttpServer server(
        {page({}, "10"),
         watch(bookmark("500"), [](ScriptedConnection& peer) { peer.end_stream(); }),
         watch(line("ADDED", config_map("one", "1", "501")))});
    KubeSession session(access_to(server));
    WatchSession watch(session, watch_with(false));
    watch.wait_until_is({{"one", "1"}});
    EXPECT_THAT(targets(server).at(2), HasSubstr("resourceVersion=500"));
    EXPECT_EQ(watch.syncs(), 1);
}

TEST(WatcherFaults, GivesUpOnASilentServerAndGoesOn) {
    ScriptedHttpServer server(
        {page({}, "10"), watch(""), watch(line("ADDED", config_map("one", "1", "11")))});
    KubeSession session(access_to(server));
    auto options = watch_with(false);
    options.loop.idle_timeout = 100ms;
    WatchSession watch(session, options);
    watch.wait_until_is({{"one", "1"}});
    EXPECT_EQ(watch.syncs(), 1);
}

TEST(WatcherFaults, WaitsAsLongAsABusyServerAsks) {
    ScriptedHttpServer server({page({}, "10"),
                               reply(429, status(429, "TooManyRequests"), "Retry-After: 1\r\n"),
                               watch(line("ADDED", config_map("one", "1", "11")))});
    KubeSession session(access_to(server));
    const auto started = std::chrono::steady_clock::now();
    WatchSession watch(session, watch_with(false));
    watch.wait_until_is({{"one", "1"}});
    EXPECT_GE(std::chrono::steady_clock::now() - started, 1s);
    EXPECT_EQ(watch.syncs(), 1);
}

TEST(WatcherFaults, SyncsByAWatchListOnOneConnection) {
    ScriptedHttpServer server(
        {watch(line("ADDED", config_map("one", "1", "5")) + bookmark("10", true) +
               line("ADDED", config_map("two", "2", "11")))});
    KubeSession session(access_to(server));
    WatchSession watch(session, watch_with(true));
    watch.wait_until_is({{"one", "1"}, {"two", "2"}});
    EXPECT_EQ(watch.syncs(), 1);
    EXPECT_THAT(targets(server), ElementsAre(HasSubstr("sendInitialEvents=true")));
}

TEST(WatcherFaults, ListsWhereTheServerKnowsNoWatchList) {
    ScriptedHttpServer server({reply(422, status(422, "Invalid")),
                               page({config_map("one", "1", "5")}, "10"),
                               watch(line("ERROR", status(410, "Expired"))),
                               page({config_map("one", "1", "5")}, "20"), watch("")});
    KubeSession session(access_to(server));
    WatchSession watch(session, watch_with(true));
    watch.wait_until("the second sync", [&] { return watch.syncs() == 2; });
    const auto asked = targets(server);
    EXPECT_THAT(asked.at(0), HasSubstr("sendInitialEvents"));
    // It is not asked again what it has refused.
    for (std::size_t i = 1; i < asked.size(); ++i) {
        EXPECT_THAT(asked[i], Not(HasSubstr("sendInitialEvents")));
    }
}

TEST(WatcherFaults, ListsWhereTheInitialEventsNeverEnd) {
    ScriptedHttpServer server({watch(line("ADDED", config_map("one", "1", "5"))),
                               page({config_map("two", "2", "6")}, "10"), watch("")});
    KubeSession session(access_to(server));
    auto options = watch_with(true);
    options.loop.list_timeout = 300ms;
    WatchSession watch(session, options);
    watch.wait_until_is({{"two", "2"}});
    EXPECT_EQ(watch.syncs(), 1);
}

TEST(WatcherFaults, ASyncThatBreaksOffChangesNothing) {
    ScriptedHttpServer server(
        {watch(line("ADDED", config_map("half", "1", "5")),
               [](ScriptedConnection& peer) { peer.reset(); }),
         watch(line("ADDED", config_map("one", "1", "6")) + bookmark("10", true))});
    KubeSession session(access_to(server));
    WatchSession watch(session, watch_with(true));
    watch.wait_until_is({{"one", "1"}});
    EXPECT_EQ(watch.syncs(), 1);
}

}  // namespace
}  // namespace chatflow::kube
