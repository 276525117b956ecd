#include "libs/base/hex.hpp"

#include <array>

#include <gtest/gtest.h>

namespace chatflow {
namespace {

TEST(Hex, HasTwoLowerCaseDigitsForEachByte) {
    const std::array<unsigned char, 5> bytes{0x00, 0x0F, 0x10, 0xAB, 0xFF};
    EXPECT_EQ(to_hex(bytes), "000f10abff");
    EXPECT_EQ(to_hex({}), "");
}

}  // namespace
}  // namespace chatflow
