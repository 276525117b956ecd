#include "controller/domain/postgres/pooler.hpp"

#include "controller/domain/postgres/objects.hpp"
#include "controller/domain/postgres/pooler_view.hpp"

#include <algorithm>
#include <stdexcept>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace chatflow::postgres {
namespace {

using nlohmann::json;

api::PostgresTopology chat() {
    api::PostgresTopology topology;
    topology.metadata = {.name = "chat", .name_space = "apps", .uid = "u-1"};
    topology.spec.pooler.emplace();
    topology.spec.pooler->image = "pgbouncer";
    return topology;
}

const json& object(const std::vector<api::Manifest>& all, const std::string& path) {
    const auto found = std::ranges::find(all, path, &api::Manifest::path);
    if (found == all.end()) throw std::runtime_error("there is no " + path);
    return found->object;
}

TEST(Pooler, NoPasswordIsInItsSettings) {
    const auto secret = pooler_secret(chat(), {.lookup = "L00kup", .console = "C0ns0le"});
    EXPECT_EQ(secret.object["stringData"]["userlist.txt"],
              "\"chatflow_pooler\" \"L00kup\"\n\"chatflow_console\" \"C0ns0le\"\n");
    for (const auto& manifest : pooler_objects(chat())) {
        EXPECT_FALSE(manifest.object.dump().contains("L00kup"));
    }
    EXPECT_TRUE(pooler_settings({}, {}).contains("auth_dbname = postgres\n"));
    EXPECT_TRUE(pooler_settings({}, {}).contains("max_prepared_statements = 200\n"));
}

TEST(Pooler, AConnectionThatWasRefusedHoldsUpTheNextOneForAFractionOfASecond) {
    EXPECT_TRUE(pooler_settings({}, {}).contains("server_login_retry = 0.2\n"));
}

TEST(Pooler, CompanionsStartBeforeItAndEndAfterIt) {
    const auto all = pooler_objects(chat());
    const json& pod = object(all, "deployments/chat-pooler")["spec"]["template"]["spec"];
    for (const json& companion : pod["initContainers"]) {
        EXPECT_EQ(companion["restartPolicy"], "Always");
    }
    EXPECT_EQ(pod["initContainers"][1]["env"][0],
              (json{{"name", "PAUSE_SECONDS_MAX"}, {"value", "30"}}));
}

TEST(Pooler, AChangeOfItsSettingsMakesNewPods) {
    const auto version = [](const api::PostgresTopology& topology) {
        return object(pooler_objects(topology),
                      "deployments/chat-pooler")["spec"]["template"]["metadata"]["annotations"];
    };
    auto other = chat();
    EXPECT_EQ(version(chat()), version(other));
    other.spec.pooler->pool_size = 5;
    EXPECT_NE(version(chat()), version(other));
}

TEST(Pooler, OnlyPodsOfPostgresqlAreBehindTheServicesOfReaders) {
    const auto all = desired_objects(chat(), {});
    for (const char* name : {"services/chat-r", "services/chat-ro", "services/chat-pods"}) {
        EXPECT_EQ(object(all, name)["spec"]["selector"]["cluster-name"], "chat-rw") << name;
    }
    const json& labels =
        object(all, "deployments/chat-pooler")["spec"]["template"]["metadata"]["labels"];
    EXPECT_FALSE(labels.contains("cluster-name"));
}

TEST(Pooler, OneThatIsNoLongerWantedIsDeleted) {
    auto without = chat();
    EXPECT_TRUE(unwanted_objects(without).empty());
    without.spec.pooler.reset();
    std::vector<std::string> paths;
    for (const auto& manifest : unwanted_objects(without)) paths.push_back(manifest.path());
    EXPECT_TRUE(std::ranges::contains(paths, "deployments/chat-pooler"));
    EXPECT_FALSE(std::ranges::contains(paths, "networkpolicies/chat"));
}

TEST(Pooler, APasswordThatWouldNeedQuotesIsRefused) {
    EXPECT_NO_THROW(static_cast<void>(pooler_role_statements("abc123")));
    EXPECT_THROW(static_cast<void>(pooler_role_statements("a'b")), std::invalid_argument);
}

TEST(ServersUp, AreThoseThatTheProxyTakesForThePrimary) {
    const std::string filler(14, ',');
    const std::string csv = "# pxname,svname\nprimary,FRONTEND" + filler + "," + ",OPEN,\n" +
                            "primary,chat-0" + filler + ",," + "DOWN,\n" + "primary,chat-1" +
                            filler + ",," + "UP,\n" + "primary,BACKEND" + filler + ",," + "UP,\n";
    EXPECT_EQ(servers_up(csv), std::vector<std::string>{"chat-1"});
    EXPECT_TRUE(servers_up("").empty());
    EXPECT_TRUE(servers_up("<html>no</html>").empty());
}

TEST(PoolerStatus, SumsPoolsAndLeavesTheConsoleOut) {
    const PoolerAnswer busy{.state = {{{"key", "paused"}, {"value", "yes"}}},
                            .pools = {{{"database", "app"},
                                       {"cl_active", "7"},
                                       {"cl_waiting", "3"},
                                       {"sv_active", "2"},
                                       {"sv_idle", "1"},
                                       {"maxwait", "2"},
                                       {"maxwait_us", "500000"}},
                                      {{"database", "pgbouncer"}, {"cl_active", "1"}}}};
    const PoolerAnswer odd{.state = {{{"key", "paused"}, {"value", "no"}}},
                           .pools = {{{"database", "app"}, {"cl_active", "many"}}, {}}};
    const auto status = pooler_status({busy, odd});
    EXPECT_EQ(status.ready, 2);
    EXPECT_EQ(status.paused, 1);
    EXPECT_EQ(status.clients_active, 7);
    EXPECT_EQ(status.clients_waiting, 3);
    EXPECT_EQ(status.servers, 3);
    EXPECT_EQ(status.max_wait_ms, 2500);
}

}  // namespace
}  // namespace chatflow::postgres
