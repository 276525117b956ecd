#include "libs/base/number.hpp"

#include <cstdint>

#include <gtest/gtest.h>

namespace chatflow {
namespace {

TEST(ParseNumber, TakesTheWholeText) {
    EXPECT_EQ(parse_number<int>("42"), 42);
    EXPECT_EQ(parse_number<std::int64_t>("-7"), -7);
    EXPECT_EQ(parse_number<std::uint64_t>("0000000A", 16), 10U);
    EXPECT_EQ(parse_number<double>("2.5e1"), 25.0);
}

TEST(ParseNumber, RefusesWhatIsNoNumberOrNotOnlyOne) {
    for (const char* text : {"", " 1", "1 ", "+1", "1.5", "x", "1x"}) {
        EXPECT_FALSE(parse_number<int>(text)) << text;
    }
    EXPECT_FALSE(parse_number<std::uint16_t>("65536")) << "it does not fit";
    EXPECT_FALSE(parse_number<std::uint16_t>("-1"));
    EXPECT_FALSE(parse_number<double>("2.5 "));
}

}  // namespace
}  // namespace chatflow
