#include "controller/clients/kube/base64.hpp"
#include "controller/clients/kube/yaml_text.hpp"

#include <string>
#include <utility>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <yaml-cpp/yaml.h>

namespace chatflow::kube {
namespace {

// The vectors of RFC 4648.
TEST(Base64, EncodesAndDecodes) {
    for (const auto& [plain, encoded] : {std::pair{"", ""},
                                         {"f", "Zg=="},
                                         {"fo", "Zm8="},
                                         {"foo", "Zm9v"},
                                         {"foob", "Zm9vYg=="},
                                         {"fooba", "Zm9vYmE="},
                                         {"foobar", "Zm9vYmFy"}}) {
        EXPECT_EQ(encode_base64(plain), encoded);
        EXPECT_EQ(decode_base64(encoded), plain);
    }
    std::string all;
    for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
    EXPECT_EQ(decode_base64(encode_base64(all)), all);
}

TEST(Base64, IgnoresLineBreaksAndRefusesOtherText) {
    EXPECT_EQ(decode_base64("Zm9v\nYmFy\r\n"), "foobar");
    for (const char* bad : {"*", "Zg=", "Z", "Zg==Zg==", "Zm9v=", "====", "Zm-v"}) {
        EXPECT_EQ(decode_base64(bad), std::nullopt) << bad;
    }
}

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
