#include "controller/api/postgres_topology_codec.hpp"

#include "controller/api/postgres_topology_tables.hpp"
#include "controller/api/yaml.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace chatflow::api {
namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

auto parsed(const fs::path& path) {
    return parse_postgres_topology(parse_yaml(text_of(path)).value().at(0));
}

TEST(ParsePostgresTopology, TakesTheValidSamples) {
    for (const auto& entry : fs::directory_iterator("tests/testdata/postgrestopology/valid")) {
        const auto topology = parsed(entry.path());
        EXPECT_TRUE(topology) << entry.path() << ": "
                              << (topology ? "" : to_string(topology.error()));
    }
}

TEST(ParsePostgresTopology, RefusesWithTheSentenceThatTheSampleExpects) {
    for (const auto& entry : fs::directory_iterator("tests/testdata/postgrestopology/invalid")) {
        const std::string text = text_of(entry.path());
        const std::string mark = "# expect: ";
        const auto from = text.find(mark) + mark.size();
        const auto topology = parsed(entry.path());
        ASSERT_FALSE(topology) << entry.path();
        EXPECT_THAT(to_string(topology.error()),
                    testing::HasSubstr(text.substr(from, text.find('\n') - from)))
            << entry.path();
    }
}

TEST(PostgresTopologyStatus, SurvivesItsOwnJson) {
    PostgresTopology topology;
    topology.metadata.name = "chat";
    topology.status = {.observed_generation = 3,
                       .current_primary = "chat-1",
                       .primary_since = TimePoint{std::chrono::seconds{1'700'000'000}},
                       .timeline = 4,
                       .leader_transitions = 2,
                       .members_ready = "2/3",
                       .sync_standbys = {"chat-0"},
                       .lag_bytes_max = 0,
                       .instances = {{.name = "chat-0",
                                      .role = InstanceRole::SyncStandby,
                                      .state = "streaming",
                                      .lag_bytes = 0}},
                       .last_switchover = "a"};
    const auto json = KindTraits<PostgresTopology>::encode(topology);
    EXPECT_EQ(KindTraits<PostgresTopology>::decode(json).status, topology.status);
}

TEST(PostgresTopologySpec, AStructsDefaultsAreThoseOfItsTable) {
    PostgresTopologySpec read;
    schema::Reader reader(false);
    schema::table<PostgresTopologySpec>().read(nlohmann::json::object(), read, reader, true);
    EXPECT_EQ(read, PostgresTopologySpec{});
}

}  // namespace
}  // namespace chatflow::api
