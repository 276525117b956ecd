#include "libs/base/text.hpp"

#include <gtest/gtest.h>

namespace chatflow {
namespace {

TEST(Cut, LeavesWhatIsShortEnough) {
    EXPECT_EQ(cut("", 0), "");
    EXPECT_EQ(cut("2 → 4", 7), "2 → 4");
}

TEST(Cut, EndsWithAWholeCharacter) {
    EXPECT_EQ(cut("2 → 4", 6), "2 → ");
    EXPECT_EQ(cut("2 → 4", 4), "2 ");
    EXPECT_EQ(cut("2 → 4", 3), "2 ");
    EXPECT_EQ(cut("→", 2), "");
}

TEST(Printable, MarksWhatIsNot) {
    EXPECT_EQ(printable("502 Bad Gateway"), "502 Bad Gateway");
    EXPECT_EQ(printable("a\nb\x7f\xe9"), "a?b??");
}

}  // namespace
}  // namespace chatflow
