#include "controller/api/postgres_topology_codec.hpp"

#include "controller/api/postgres_topology_tables.hpp"
#include "controller/api/yaml.hpp"
#include "tests/support/files.hpp"

#include <algorithm>
#include <filesystem>
#include <string>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace chatflow::api {
namespace {

namespace fs = std::filesystem;
using test::text_of;

auto parsed(const fs::path& path) {
    return parse_postgres_topology(parse_yaml(text_of(path)).value().at(0));
}

TEST(ParsePostgresTopology, TakesTheValidSamples) {
    for (const auto& sample : test::files_of("tests/testdata/postgrestopology/valid")) {
        const auto topology = parsed(sample);
        EXPECT_TRUE(topology) << sample << ": " << (topology ? "" : to_string(topology.error()));
    }
}

TEST(ParsePostgresTopology, RefusesWithTheSentenceThatTheSampleExpects) {
    for (const auto& sample : test::files_of("tests/testdata/postgrestopology/invalid")) {
        const auto topology = parsed(sample);
        ASSERT_FALSE(topology) << sample;
        EXPECT_THAT(to_string(topology.error()), testing::HasSubstr(test::expected_of(sample)))
            << sample;
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
