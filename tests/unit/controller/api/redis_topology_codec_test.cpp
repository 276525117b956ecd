#include "controller/api/redis_topology_codec.hpp"

#include "controller/api/yaml.hpp"
#include "tests/support/files.hpp"

#include <filesystem>
#include <string>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace chatflow::api {
namespace {

namespace fs = std::filesystem;
using test::text_of;

const fs::path kSamples = "tests/testdata/redistopology";

TEST(ParseRedisTopology, TakesEveryValidSampleAndWritesItBackTheSame) {
    for (const auto& sample : test::files_of(kSamples / "valid")) {
        SCOPED_TRACE(sample);
        const auto topology = parse_redis_topology(parse_yaml(text_of(sample)).value().at(0));
        ASSERT_TRUE(topology) << to_string(topology.error());
        EXPECT_EQ(parse_redis_topology(to_json(*topology)).value(), *topology);
    }
}

TEST(ParseRedisTopology, RefusesEveryInvalidSampleWithTheSentenceThatItExpects) {
    for (const auto& sample : test::files_of(kSamples / "invalid")) {
        SCOPED_TRACE(sample);
        const auto topology = parse_redis_topology(parse_yaml(text_of(sample)).value().at(0));
        ASSERT_FALSE(topology);
        EXPECT_THAT(to_string(topology.error()), testing::HasSubstr(test::expected_of(sample)));
    }
}

TEST(ParseRedisTopology, RefusesANameThatServicesCannotHave) {
    const nlohmann::json topology = {{"apiVersion", "chatflow.dev/v1alpha1"},
                                     {"kind", "RedisTopology"},
                                     {"metadata", {{"name", "Queue.1"}}},
                                     {"spec", nlohmann::json::object()}};
    EXPECT_FALSE(parse_redis_topology(topology));
}

}  // namespace
}  // namespace chatflow::api
