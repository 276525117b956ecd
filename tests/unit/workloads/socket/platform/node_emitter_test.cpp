#include "workloads/socket/platform/node_emitter.hpp"

#include <string>

#include <gtest/gtest.h>

namespace chatflow::socket {
namespace {

std::string sharded(const std::string& packet, const std::string& options) {
    return R"({"uid":"n","nsp":"/","type":3,"data":{"packet":)" + packet + R"(,"opts":)" + options +
           "}}";
}

TEST(NodeBroadcast, IsReadFromTheShardedAdapter) {
    const auto found =
        parse_sharded(sharded(R"({"type":2,"nsp":"/","data":["news",1]})",
                              R"({"rooms":["a","b"],"except":["c"],"flags":{"volatile":true}})"));
    ASSERT_TRUE(found);
    EXPECT_EQ(*found, (NodeBroadcast{{"a", "b"}, {"c"}, R"(["news",1])", true}));
}

TEST(NodeBroadcast, IsReadFromTheClassicEmitter) {
    // ["e",{type:2,data:["n"],nsp:"/"},{rooms:[]}]
    const std::string payload =
        "\x93\xa1"
        "e\x83\xa4type\x02\xa4"
        "data\x91\xa1n\xa3nsp\xa1/\x81\xa5rooms\x90";
    ASSERT_TRUE(parse_classic(payload));
    EXPECT_EQ(parse_classic(payload)->event, R"(["n"])");
    EXPECT_TRUE(parse_classic(payload)->rooms.empty());
}

TEST(NodeBroadcast, OfOtherKindsIsLeft) {
    const std::string options = R"({"rooms":[]})";
    for (const auto* packet :
         {R"({"type":3,"nsp":"/","data":["a"]})", R"({"type":2,"nsp":"/admin","data":["a"]})",
          R"({"type":2,"nsp":"/","data":[]})", R"({"type":2,"nsp":"/","data":[7]})",
          R"({"type":2,"nsp":"/"})", "7"}) {
        EXPECT_FALSE(parse_sharded(sharded(packet, options))) << packet;
    }
    EXPECT_FALSE(parse_sharded("{"));
    EXPECT_FALSE(parse_sharded(R"({"type":1})"));
    EXPECT_FALSE(parse_sharded(sharded(R"({"type":2,"nsp":"/","data":["a"]})", R"({"rooms":7})")));
    EXPECT_FALSE(parse_classic("\xc1"));
    EXPECT_FALSE(parse_classic(""));
}

}  // namespace
}  // namespace chatflow::socket
