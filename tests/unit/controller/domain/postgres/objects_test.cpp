#include "controller/domain/postgres/objects.hpp"

#include "controller/domain/postgres/patroni_settings.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace chatflow::postgres {
namespace {

using nlohmann::json;

api::PostgresTopology chat() {
    api::PostgresTopology topology;
    topology.metadata = {.name = "chat", .name_space = "apps", .uid = "u-1"};
    topology.spec.read_replicas = 2;
    return topology;
}

const json& object(const std::vector<api::Manifest>& all, const std::string& path) {
    const auto found = std::ranges::find(all, path, &api::Manifest::path);
    if (found == all.end()) throw std::runtime_error("there is no " + path);
    return found->object;
}

TEST(DesiredObjects, TheServicesThatHoldPatronisStateComeBeforeThePods) {
    const auto all = desired_objects(chat(), {});
    std::vector<std::string> paths;
    for (const auto& manifest : all) paths.push_back(manifest.path());
    const auto place = [&](const std::string& path) { return std::ranges::find(paths, path); };
    for (const char* name : {"chat-rw", "chat-rw-config", "chat-rw-sync", "chat-rw-failover"}) {
        EXPECT_LT(place(std::string("services/") + name), place("statefulsets/chat")) << name;
        EXPECT_FALSE(object(all, std::string("services/") + name)["spec"].contains("selector"));
    }
    EXPECT_NE(place("statefulsets/chat-read"), paths.end());
}

TEST(DesiredObjects, AllGoWithTheTopologyAndOnlyTheOperatorReplacesPods) {
    for (const auto& manifest : desired_objects(chat(), {})) {
        EXPECT_EQ(manifest.object["metadata"]["ownerReferences"][0]["uid"], "u-1");
        EXPECT_EQ(manifest.object["metadata"]["namespace"], "apps");
    }
    const auto all = desired_objects(chat(), {});
    const json& spec = object(all, "statefulsets/chat")["spec"];
    EXPECT_EQ(spec["updateStrategy"]["type"], "OnDelete");
    EXPECT_EQ(spec["podManagementPolicy"], "Parallel");
    EXPECT_EQ(spec["replicas"], 3);
    const json& pod = spec["template"]["spec"];
    EXPECT_EQ(pod["containers"][0]["securityContext"]["readOnlyRootFilesystem"], true);
    // Who answers nothing is ended soon; who is told to go has a minute.
    EXPECT_LE(pod["containers"][0]["livenessProbe"]["terminationGracePeriodSeconds"], 5);
    EXPECT_EQ(pod["terminationGracePeriodSeconds"], 60);
    EXPECT_EQ(pod["securityContext"]["runAsNonRoot"], true);
}

TEST(DesiredObjects, TheSameSpecMakesTheSameObjects) {
    EXPECT_EQ(desired_objects(chat(), {}), desired_objects(chat(), {}));
}

TEST(DesiredObjects, AVolumeTemplateStaysAndAHibernatedTopologyHasNoPods) {
    auto topology = chat();
    topology.spec.storage.size = api::Quantity::from_units(20);
    topology.spec.hibernated = true;
    const auto all = desired_objects(
        topology, {.member_volume = api::Quantity::from_units(10), .read_volume = std::nullopt});
    const json& spec = object(all, "statefulsets/chat")["spec"];
    EXPECT_EQ(spec["volumeClaimTemplates"][0]["spec"]["resources"]["requests"]["storage"], "10");
    EXPECT_EQ(spec["replicas"], 0);
}

TEST(DesiredObjects, OnlyAReadReplicaThatIsScaledAwayLosesItsVolume) {
    const auto when_scaled = [](const api::PostgresTopology& topology, const char* set) {
        return object(desired_objects(topology, {}),
                      set)["spec"]["persistentVolumeClaimRetentionPolicy"]["whenScaled"];
    };
    auto topology = chat();
    EXPECT_EQ(when_scaled(topology, "statefulsets/chat-read"), "Delete");
    EXPECT_EQ(when_scaled(topology, "statefulsets/chat"), "Retain");
    topology.spec.hibernated = true;
    EXPECT_EQ(when_scaled(topology, "statefulsets/chat-read"), "Retain");
}

TEST(DesiredObjects, ReadReplicasAreNeitherPromotedNorWaitedFor) {
    const auto all = desired_objects(chat(), {});
    const auto text = object(all, "configmaps/chat-patroni")["data"]["patroni-read.yml"];
    const json tags = json::parse(text.get<std::string>())["tags"];
    EXPECT_EQ(tags["nofailover"], true);
    EXPECT_EQ(tags["nosync"], true);
}

TEST(DesiredObjects, ThePasswordsAreInNoOtherObject) {
    const Passwords passwords{"geheim-1", "geheim-2", "geheim-3", "geheim-4"};
    EXPECT_TRUE(credentials(chat(), passwords).object.dump().contains("geheim-4"));
    for (const auto& manifest : desired_objects(chat(), {})) {
        EXPECT_FALSE(manifest.object.dump().contains("geheim")) << manifest.path();
    }
}

TEST(DynamicSettings, DurabilityIsPatronisSynchronousMode) {
    auto spec = chat().spec;
    EXPECT_EQ(dynamic_settings(spec)["synchronous_mode"], "quorum");
    EXPECT_EQ(dynamic_settings(spec)["synchronous_mode_strict"], false);
    spec.durability = api::Durability::Required;
    EXPECT_EQ(dynamic_settings(spec)["synchronous_mode_strict"], true);
    spec.durability = api::Durability::None;
    EXPECT_EQ(dynamic_settings(spec)["synchronous_mode"], false);
}

TEST(DynamicSettings, NoLineOfAUserCutsOffReplicationOrTheOperator) {
    api::PostgresTopologySpec spec;
    spec.pooler.emplace();
    spec.postgresql.hba = {"host all chat 10.0.0.0/8 scram-sha-256", "host all all all reject"};
    EXPECT_EQ(dynamic_settings(spec)["postgresql"]["pg_hba"],
              (json{"local all all peer", "host replication standby all scram-sha-256",
                    "host all postgres all scram-sha-256", "host all rewind all scram-sha-256",
                    "host postgres chatflow_pooler all scram-sha-256",
                    "host all chat 10.0.0.0/8 scram-sha-256", "host all all all reject",
                    "host all all all scram-sha-256"}));
}

TEST(DynamicSettings, ParametersOfAUserAddLibrariesAndAreNotCaseSensitive) {
    const auto parameters = [](std::map<std::string, std::string> of_user) {
        api::PostgresTopologySpec spec;
        spec.postgresql.parameters = std::move(of_user);
        return dynamic_settings(spec)["postgresql"]["parameters"];
    };
    const char* const libraries = "shared_preload_libraries";
    EXPECT_EQ(parameters({})["log_parameter_max_length"], "0");  // slow ones are logged
    EXPECT_EQ(parameters({})[libraries], "pg_stat_statements");
    EXPECT_EQ(parameters({{libraries, ""}})[libraries], "pg_stat_statements");
    EXPECT_EQ(parameters({{libraries, "auto_explain"}})[libraries],
              "pg_stat_statements, auto_explain");
    EXPECT_EQ(parameters({{libraries, "auto_explain,pg_stat_statements"}})[libraries],
              "auto_explain,pg_stat_statements");
    const json mixed = parameters({{"Max_WAL_Size", "2GB"}});
    EXPECT_EQ(mixed["max_wal_size"], "2GB");
    EXPECT_FALSE(mixed.contains("Max_WAL_Size"));
}

TEST(DynamicSettings, ACrashedPrimaryHandsOverWhereAStandbyHasEverything) {
    auto spec = chat().spec;
    EXPECT_EQ(dynamic_settings(spec)["primary_start_timeout"], 0);
    spec.durability = api::Durability::None;
    EXPECT_GT(dynamic_settings(spec)["primary_start_timeout"], 0) << "the standby may lack writes";
}

TEST(DynamicSettings, EveryPresetKeepsPatronisRule) {
    using enum api::FailoverPreset;
    for (const auto preset : {Safe, Default, Fast}) {
        auto spec = chat().spec;
        spec.failover.preset = preset;
        const json settings = dynamic_settings(spec);
        EXPECT_LE(settings["loop_wait"].get<int>() + 2 * settings["retry_timeout"].get<int>(),
                  settings["ttl"].get<int>());
        EXPECT_GE(settings["ttl"].get<int>(), 20) << "Patroni would raise it";
    }
}

TEST(SettingsPatch, SendsTheDifferenceAndRemovesParameters) {
    auto spec = chat().spec;
    spec.postgresql.parameters = {{"work_mem", "8MB"}};
    json current = dynamic_settings(spec);
    EXPECT_TRUE(settings_patch(current, dynamic_settings(spec)).is_null());
    current["pause"] = true;
    EXPECT_TRUE(settings_patch(current, dynamic_settings(spec)).is_null())
        << "what is not ours stays";
    spec.postgresql.parameters = {{"random_page_cost", "1.1"}};
    json expected;
    expected["postgresql"]["parameters"] = {{"random_page_cost", "1.1"}, {"work_mem", nullptr}};
    EXPECT_EQ(settings_patch(current, dynamic_settings(spec)), expected);
}

TEST(PatroniSettings, WalTakesAPartOfASmallVolumeAndAGigabyteOfALargeOne) {
    api::PostgresTopologySpec spec;
    const auto sizes = [&spec](std::int64_t megabytes) {
        spec.storage.size = api::Quantity::from_units(megabytes << 20);
        const json parameters = dynamic_settings(spec)["postgresql"]["parameters"];
        return parameters["max_wal_size"].get<std::string>() + " " +
               parameters["max_slot_wal_keep_size"].get<std::string>();
    };
    EXPECT_EQ(sizes(256), "64MB 64MB");
    EXPECT_EQ(sizes(2048), "204MB 409MB");
    EXPECT_EQ(sizes(100 * 1024), "1024MB 1024MB");
}

}  // namespace
}  // namespace chatflow::postgres
