#include "workloads/socket/streams/positions.hpp"

#include <gtest/gtest.h>

namespace chatflow::socket {
namespace {

TEST(Positions, GoForwardOnly) {
    Positions positions(2);
    positions.advance(1, 20);
    positions.advance(1, 10);
    EXPECT_EQ(positions.at(0), 0U);
    EXPECT_EQ(positions.at(1), 20U);
}

TEST(Positions, ComeBackFromTheirOffset) {
    Positions positions(3);
    positions.advance(0, 1'763'712'000'000'001);
    positions.advance(2, 35);
    EXPECT_EQ(positions.to_offset(), "hd6m3v3sw1.0.z");
    EXPECT_EQ(Positions::parse(positions.to_offset(), 3), positions);
}

TEST(Positions, AreRefusedWhenAnotherNumberOfShardsOrNoneMadeThem) {
    EXPECT_FALSE(Positions::parse("z.z", 3));
    EXPECT_FALSE(Positions::parse("z.z", 1));
    for (const auto* offset : {"", ".", "z.", "-1", "Z!", " z", "zzzzzzzzzzzzzzzzzzzz"}) {
        EXPECT_FALSE(Positions::parse(offset, 1)) << offset;
    }
    EXPECT_TRUE(Positions::parse("z", 1));
}

}  // namespace
}  // namespace chatflow::socket
