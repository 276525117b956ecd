#include "controller/cli/load_csv.hpp"

#include "controller/domain/simulation/generate.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chatflow::cli {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

using Samples = std::vector<std::optional<std::int64_t>>;

constexpr TimePoint kStart{std::chrono::sys_days{std::chrono::year{2026} / 1 / 5}};

std::string error_of(std::string_view text) {
    const auto load = parse_load_csv(text);
    return load ? "" : load.error();
}

TEST(LoadCsv, ReadsRfc3339AndSeconds) {
    const auto named =
        parse_load_csv("time,load\n2026-01-05T00:00:00Z,1.5\n2026-01-05T00:01:00Z,2\n");
    ASSERT_TRUE(named);
    EXPECT_EQ(named->start, kStart);
    EXPECT_EQ(named->step, 60s);
    EXPECT_EQ(named->samples, (Samples{1500, 2000}));
    EXPECT_EQ(parse_load_csv("1767571200,1.5\r\n1767571260,2\r\n"), named);
}

TEST(LoadCsv, LeavesGapsWhereLinesOrValuesAreMissing) {
    const auto load = parse_load_csv("0,1\n60,NaN\n120,\n240,4");
    ASSERT_TRUE(load);
    EXPECT_EQ(load->samples, (Samples{1000, {}, {}, {}, 4000}));
}

TEST(LoadCsv, SkipsCommentsAndEmptyLines) {
    EXPECT_TRUE(parse_load_csv("# from somewhere\n\ntime;cores\n0;1\n\n60;2\n"));
}

TEST(LoadCsv, NamesTheLineOfEachMistake) {
    EXPECT_THAT(error_of("0,1\nnoon,2\n"), HasSubstr("line 2: \"noon\" is no time"));
    EXPECT_THAT(error_of("0,1\n60,many\n"), HasSubstr("line 2: \"many\" is no load"));
    EXPECT_THAT(error_of("0,1\n60,-2\n"), HasSubstr("line 2: \"-2\" is no load"));
    EXPECT_THAT(error_of("0 1\n"), HasSubstr("line 1: \"0 1\" is not of the form time,load"));
    EXPECT_THAT(error_of("0,1\n60,1\n90,1\n"), HasSubstr("line 3: the step is 60 s"));
    EXPECT_THAT(error_of("60,1\n0,1\n"), HasSubstr("line 2: the times must rise"));
    EXPECT_THAT(error_of("0,1\n60,1\n60,1\n"), HasSubstr("line 3: the times must rise"));
    EXPECT_THAT(error_of("0,1\n1,1\n999999999,1\n"), HasSubstr("beyond 1000000 samples"));
    EXPECT_THAT(error_of(""), HasSubstr("0 samples are no recording"));
    EXPECT_THAT(error_of("time,load\n0,1\n"), HasSubstr("1 samples are no recording"));
}

TEST(LoadCsv, ReadsWhatItWrites) {
    auto load = simulation::generate(simulation::Shape::FlashCrowd, 1, 1h);
    load.samples[5].reset();
    EXPECT_EQ(parse_load_csv(to_csv(load)), load);
}

}  // namespace
}  // namespace chatflow::cli
