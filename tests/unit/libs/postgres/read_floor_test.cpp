#include "libs/postgres/read_floor.hpp"

#include <gtest/gtest.h>

namespace chatflow::postgres {
namespace {

using namespace std::chrono_literals;

constexpr ReadFloor::Time kStart{1h};

TEST(ReadFloor, IsWhatThePrimaryHadWrittenALagAgo) {
    ReadFloor floor(5s);
    for (std::uint64_t second = 0; second < 10; ++second) {
        floor.note(kStart + std::chrono::seconds(second), Lsn{100 + second});
    }
    EXPECT_EQ(floor.at(kStart + 9s), Lsn{104});
    EXPECT_EQ(floor.at(kStart + 9s + 500ms), Lsn{104});
    EXPECT_EQ(floor.at(kStart + 10s), Lsn{105});
}

TEST(ReadFloor, AsksForWhatItSawFirstUntilItKnowsOfAWholeLag) {
    ReadFloor floor(5s);
    EXPECT_EQ(floor.at(kStart), kNewest);
    floor.note(kStart, Lsn{100});
    floor.note(kStart + 1s, Lsn{200});
    EXPECT_EQ(floor.at(kStart + 4999ms), Lsn{100});
    EXPECT_EQ(floor.at(kStart + 5s), Lsn{100});
    EXPECT_EQ(floor.at(kStart + 6s), Lsn{200});
}

TEST(ReadFloor, HoldsWhileNothingIsWritten) {
    ReadFloor floor(5s);
    floor.note(kStart, Lsn{100});
    floor.note(kStart + 1s, Lsn{100});
    EXPECT_EQ(floor.at(kStart + 1h), Lsn{100});
}

TEST(ReadFloor, StaysWhereItWasWhenThePrimaryIsNoLongerSeen) {
    ReadFloor floor(5s);
    floor.note(kStart, Lsn{100});
    floor.note(kStart + 1s, Lsn{200});
    EXPECT_EQ(floor.at(kStart + 5s), Lsn{100});
    EXPECT_EQ(floor.at(kStart + 1h), Lsn{200});
    EXPECT_EQ(floor.at(kStart + 2h), Lsn{200});
}

}  // namespace
}  // namespace chatflow::postgres
