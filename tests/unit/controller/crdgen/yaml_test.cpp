#include "controller/crdgen/yaml.hpp"

#include "controller/api/yaml.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace chatflow::crdgen {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

TEST(ToYaml, QuotesWhatYamlWouldTakeForSomethingElse) {
    EXPECT_EQ(to_yaml({{"a", "plain"}, {"b", "true"}, {"c", "1"}, {"d", "x: y"}, {"e", ""}}),
              "a: plain\nb: \"true\"\nc: \"1\"\nd: \"x: y\"\ne: \"\"\n");
}

TEST(ToYaml, KeepsTheOrderOfMembers) {
    EXPECT_EQ(to_yaml({{"z", 1}, {"a", {{"list", {1, {{"k", true}}}}}}}),
              "z: 1\na:\n  list:\n  - 1\n  - k: true\n");
}

TEST(ToYaml, IsReadAsItWasWritten) {
    const auto document = ordered_json::parse(R"({"yes": "no", "empty": {}, "none": [],
        "nested": [[1, 2], {"a": [], "b": [{"c": "~", "d": "1e3"}]}], "text": "a \"b\" \\ \n ü #"})");
    const auto read = api::parse_yaml(to_yaml(document));
    ASSERT_TRUE(read) << to_yaml(document);
    EXPECT_EQ(read->at(0), json::parse(document.dump()));
}

}  // namespace
}  // namespace chatflow::crdgen
