#include "libs/postgres/lsn.hpp"

#include <gtest/gtest.h>

namespace chatflow::postgres {
namespace {

TEST(Lsn, IsReadAndWrittenAsPostgresDoes) {
    EXPECT_EQ(parse_lsn("16/B374D848"), Lsn{0x16B374D848});
    EXPECT_EQ(parse_lsn("0/0"), Lsn{});
    EXPECT_EQ(parse_lsn("FFFFFFFF/FFFFFFFF"), kNewest);
    EXPECT_EQ(to_string(Lsn{0x16B374D848}), "16/B374D848");
    EXPECT_EQ(to_string(Lsn{}), "0/0");
    EXPECT_EQ(to_string(Lsn{0x100000000}), "1/0");
    EXPECT_EQ(parse_lsn(to_string(kNewest)), kNewest);
}

TEST(Lsn, IsNoOtherText) {
    for (const char* text : {"", "/", "1/", "/1", "1", "1/2/3", "1/-2", "0x1/2", "1/ 2",
                             "100000000/0", "0/100000000", "000000001/0", "1/2 ", "g/0"}) {
        EXPECT_EQ(parse_lsn(text), std::nullopt) << text;
    }
}

TEST(Lsn, ComparesAsAPlaceInTheLog) {
    EXPECT_LT(*parse_lsn("1/FFFFFFFF"), *parse_lsn("2/0"));
    EXPECT_LT(*parse_lsn("9/0"), *parse_lsn("A/0"));
}

}  // namespace
}  // namespace chatflow::postgres
