#include "workloads/chat-server/domain/client_address.hpp"

#include <string>

#include <gtest/gtest.h>

namespace chatflow::chat {
namespace {

struct Case {
    const char* peer;
    const char* forwarded_for;
    const char* client;
};

class ClientAddressBehindTenSlashEight : public testing::TestWithParam<Case> {};

TEST_P(ClientAddressBehindTenSlashEight, IsTheLastOneThatNoProxyHas) {
    const auto trusted = parse_networks("10.0.0.0/8, fd00::/8").value();
    const auto [peer, forwarded_for, client] = GetParam();
    EXPECT_EQ(client_address(peer, forwarded_for, trusted), client);
}

INSTANTIATE_TEST_SUITE_P(
    All, ClientAddressBehindTenSlashEight,
    testing::Values(Case{"192.0.2.1", "", "192.0.2.1"},
                    // Whoever is no proxy of ours is not believed.
                    Case{"192.0.2.1", "198.51.100.7", "192.0.2.1"},
                    Case{"10.1.2.3", "198.51.100.7", "198.51.100.7"},
                    // The client wrote the first one, our proxy the last.
                    Case{"10.1.2.3", "1.2.3.4, 198.51.100.7", "198.51.100.7"},
                    Case{"10.1.2.3", "1.2.3.4, 198.51.100.7,10.9.9.9", "198.51.100.7"},
                    Case{"10.1.2.3", "10.4.4.4, 10.5.5.5", "10.4.4.4"},
                    Case{"10.1.2.3", "", "10.1.2.3"},
                    Case{"10.1.2.3", "1.2.3.4, unknown", "10.1.2.3"},
                    Case{"::ffff:10.1.2.3", "198.51.100.7", "198.51.100.7"},
                    Case{"fd00::1", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"},
                    Case{"no address", "198.51.100.7", "no address"}));

TEST(ParseNetworks, CutsInTheMiddleOfAByte) {
    const auto networks = parse_networks("172.16.0.0/12").value();
    EXPECT_EQ(client_address("172.31.0.1", "192.0.2.1", networks), "192.0.2.1");
    EXPECT_EQ(client_address("172.32.0.1", "192.0.2.1", networks), "172.32.0.1");
}

TEST(ParseNetworks, NamesWhatCannotBeUsed) {
    EXPECT_EQ(parse_networks("").value().size(), 0U);
    EXPECT_EQ(parse_networks("192.0.2.1").value().front().prefix, 128U);
    for (const char* text : {"10.0.0.0/33", "10.0.0/8", "::/129", "10.0.0.0/", "10.0.0.0/a", "x"}) {
        const auto networks = parse_networks(text);
        ASSERT_FALSE(networks) << text;
        EXPECT_TRUE(networks.error().ends_with(text)) << networks.error();
    }
}

}  // namespace
}  // namespace chatflow::chat
