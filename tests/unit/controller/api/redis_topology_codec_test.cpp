#include "controller/api/redis_topology_codec.hpp"

#include "controller/api/yaml.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace chatflow::api {
namespace {

namespace fs = std::filesystem;

const fs::path kSamples = "tests/testdata/redistopology";

std::string text_of(const fs::path& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

TEST(ParseRedisTopology, TakesEveryValidSampleAndWritesItBackTheSame) {
    for (const auto& entry : fs::directory_iterator(kSamples / "valid")) {
        SCOPED_TRACE(entry.path());
        const auto topology = parse_redis_topology(parse_yaml(text_of(entry.path())).value().at(0));
        ASSERT_TRUE(topology) << to_string(topology.error());
        EXPECT_EQ(parse_redis_topology(to_json(*topology)).value(), *topology);
    }
}

TEST(ParseRedisTopology, RefusesEveryInvalidSampleWithTheSentenceThatItExpects) {
    for (const auto& entry : fs::directory_iterator(kSamples / "invalid")) {
        SCOPED_TRACE(entry.path());
        const std::string text = text_of(entry.path());
        const std::string first = text.substr(0, text.find('\n'));
        const auto topology = parse_redis_topology(parse_yaml(text).value().at(0));
        ASSERT_FALSE(topology);
        EXPECT_THAT(to_string(topology.error()), testing::HasSubstr(first.substr(10)));
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
