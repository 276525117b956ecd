#include "controller/api/quantity.hpp"

#include <cstdint>
#include <limits>
#include <random>
#include <string>

#include <gtest/gtest.h>

namespace chatflow::api {
namespace {

struct QuantityCase {
    std::string text;
    std::int64_t milli;
};

class QuantityForm : public testing::TestWithParam<QuantityCase> {};

TEST_P(QuantityForm, IsReadExactly) {
    const auto quantity = Quantity::parse(GetParam().text);
    ASSERT_TRUE(quantity) << GetParam().text;
    EXPECT_EQ(quantity->milli(), GetParam().milli) << GetParam().text;
}

INSTANTIATE_TEST_SUITE_P(
    Kubernetes, QuantityForm,
    testing::Values(
        QuantityCase{"0", 0}, QuantityCase{"-0", 0}, QuantityCase{"2", 2000},
        QuantityCase{"+2", 2000}, QuantityCase{"-2", -2000}, QuantityCase{"1.5", 1500},
        QuantityCase{"1.", 1000}, QuantityCase{".5", 500}, QuantityCase{"007", 7000},
        QuantityCase{"500m", 500}, QuantityCase{"8600m", 8600}, QuantityCase{"1k", 1'000'000},
        QuantityCase{"2M", 2'000'000'000}, QuantityCase{"1G", 1'000'000'000'000},
        QuantityCase{"1T", 1'000'000'000'000'000}, QuantityCase{"9P", 9'000'000'000'000'000'000},
        QuantityCase{"1Ki", 1'024'000}, QuantityCase{"1.5Ki", 1'536'000},
        QuantityCase{"128Mi", 134'217'728'000}, QuantityCase{"1Gi", 1'073'741'824'000},
        QuantityCase{"1Ti", 1'099'511'627'776'000},
        QuantityCase{"0.001Ei", 1'152'921'504'606'846'976}, QuantityCase{"1e3", 1'000'000},
        QuantityCase{"1E3", 1'000'000}, QuantityCase{"1e+3", 1'000'000}, QuantityCase{"1e-3", 1},
        QuantityCase{"12E-2", 120}, QuantityCase{"0.000000000001E", 1'000'000'000}));

INSTANTIATE_TEST_SUITE_P(
    RoundedUpToAThousandth, QuantityForm,
    testing::Values(QuantityCase{"1n", 1}, QuantityCase{"1u", 1}, QuantityCase{"1000u", 1},
                    QuantityCase{"1001u", 2}, QuantityCase{"0.0001", 1},
                    QuantityCase{"1.0001", 1001}, QuantityCase{"-1.0001", -1001},
                    QuantityCase{"-1n", -1}, QuantityCase{"1e-30", 1},
                    QuantityCase{"123456789n", 124},
                    QuantityCase{"2.0000000000000000000000000000000000001", 2001},
                    QuantityCase{"2.0000000000000000000000000000000000000", 2000}));

TEST(Quantity, RefusesOtherText) {
    for (const char* text : {"",
                             " ",
                             "m",
                             "-",
                             "+",
                             ".",
                             "1 ",
                             " 1",
                             "1,5",
                             "1.2.3",
                             "--1",
                             "+-1",
                             "1K",
                             "1ki",
                             "1mi",
                             "1e",
                             "1e+",
                             "1e+-3",
                             "1e3k",
                             "0x10",
                             "1mm",
                             "NaN",
                             "inf",
                             "1E400",
                             "9223372036854775808",
                             "100P",
                             "1Ei",
                             "9.3e15",
                             "1e99999999999999999999"}) {
        EXPECT_FALSE(Quantity::parse(text)) << text;
    }
    EXPECT_FALSE(Quantity::parse(std::string(kQuantityTextMax + 1, '1')));
}

TEST(Quantity, IsPrintedInThousandthsOnlyWhereItHasThem) {
    EXPECT_EQ(to_string(Quantity::from_milli(1500)), "1500m");
    EXPECT_EQ(to_string(Quantity::from_milli(2000)), "2");
    EXPECT_EQ(to_string(Quantity::from_milli(-1)), "-1m");
    EXPECT_EQ(to_string(Quantity{}), "0");
}

TEST(Quantity, WholeUnitsAreRoundedAwayFromZero) {
    EXPECT_EQ(Quantity::from_milli(1001).units(), 2);
    EXPECT_EQ(Quantity::from_milli(1000).units(), 1);
    EXPECT_EQ(Quantity::from_milli(-1).units(), -1);
    EXPECT_EQ(Quantity::from_milli(0).units(), 0);
}

TEST(Quantity, IsReadAsItWasPrinted) {
    std::mt19937_64 random(7);
    std::uniform_int_distribution<std::int64_t> amounts(-9'200'000'000'000'000'000,
                                                        9'200'000'000'000'000'000);
    for (int round = 0; round < 10'000; ++round) {
        const Quantity quantity = Quantity::from_milli(amounts(random) >> (round % 60));
        EXPECT_EQ(Quantity::parse(to_string(quantity)), quantity) << to_string(quantity);
    }
}

}  // namespace
}  // namespace chatflow::api
