#include "controller/clients/kube/yaml_text.hpp"

#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <yaml-cpp/yaml.h>

namespace chatflow::kube {
namespace {

TEST(JsonAsYaml, MeansTheSame) {
    const std::string text =
        "tab\t \"quotes\" back\\slash ünï 😀 \x7f \xc2\x85 \xe2\x80\xa8 \xe2\x80\xa9 \xef\xbb\xbf "
        "{a: b} # no comment";
    const std::string yaml = json_as_yaml(nlohmann::json(text).dump());
    EXPECT_EQ(yaml.find('\x7f'), std::string::npos);
    EXPECT_EQ(yaml.find("\xe2\x80\xa8"), std::string::npos);
    EXPECT_EQ(nlohmann::json::parse(yaml), text);
    EXPECT_EQ(YAML::Load(yaml).as<std::string>(), text);
}

TEST(JsonAsYaml, LeavesPlainJsonAlone) {
    const std::string json = R"({"a":[1,2.5,true,null,"ü😀"]})";
    EXPECT_EQ(json_as_yaml(json), json);
}

}  // namespace
}  // namespace chatflow::kube
