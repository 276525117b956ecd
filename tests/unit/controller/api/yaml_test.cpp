#include "controller/api/yaml.hpp"

#include <string>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace chatflow::api {
namespace {

using nlohmann::json;

TEST(ParseYaml, ReadsScalarsAsKubectlDoes) {
    EXPECT_EQ(parse_yaml("{a: 1, b: '1', c: 1.5, d: true, e: 'true', f: ~, g: 500m, h: [x, 2]}")
                  .value()
                  .at(0),
              json::parse(R"({"a": 1, "b": "1", "c": 1.5, "d": true, "e": "true", "f": null,
                              "g": "500m", "h": ["x", 2]})"));
}

TEST(ParseYaml, ReadsEveryDocument) {
    EXPECT_EQ(parse_yaml("# nothing\n---\na: 1\n---\n---\nb: 2\n").value(),
              (std::vector<json>{{{"a", 1}}, {{"b", 2}}}));
    EXPECT_TRUE(parse_yaml("").value().empty());
}

TEST(ParseYaml, TellsLineAndColumn) {
    EXPECT_THAT(to_string(parse_yaml("a: 1\nb: [1,\n").error()), testing::HasSubstr("line "));
}

TEST(ParseYaml, RefusesTextThatBelongsToNoDocument) {
    EXPECT_EQ(to_string(parse_yaml("[1],").error()),
              "must be YAML; line 1, column 4: unexpected text");
}

TEST(ParseYaml, RefusesAKeyThatIsThereTwiceOrNoText) {
    EXPECT_THAT(to_string(parse_yaml("a: 1\nb: 2\na: 3\n").error()),
                testing::HasSubstr("line 3, column 1: a is there twice"));
    EXPECT_THAT(to_string(parse_yaml("[x]: 1").error()),
                testing::HasSubstr("a key must be a text"));
}

TEST(ParseYaml, PutsTheAnchoredValueWhereItsAliasIs) {
    EXPECT_EQ(
        parse_yaml("a: &x {b: [1, two]}\nc: [*x, *x]\n").value().at(0),
        json::parse(R"({"a": {"b": [1, "two"]}, "c": [{"b": [1, "two"]}, {"b": [1, "two"]}]})"));
}

TEST(ParseYaml, FollowsAliasesOnlyToItsBound) {
    std::string text = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n";
    for (int level = 1; level < 6; ++level) {
        const std::string below = "*a" + std::to_string(level - 1);
        text += "a" + std::to_string(level) + ": &a" + std::to_string(level) + " [" + below;
        for (int copy = 1; copy < 10; ++copy) text += "," + below;
        text += "]\n";
    }
    EXPECT_EQ(to_string(parse_yaml(text).error()), "has too many values");
    EXPECT_EQ(to_string(parse_yaml(std::string(200, '[') + std::string(200, ']')).error()),
              "is nested too deeply");
}

}  // namespace
}  // namespace chatflow::api
