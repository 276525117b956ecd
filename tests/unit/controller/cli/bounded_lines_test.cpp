#include "controller/cli/bounded_lines.hpp"

#include <sstream>

#include <gtest/gtest.h>

namespace chatflow::cli {
namespace {

using Got = BoundedLines::Got;

TEST(BoundedLines, GiveEachLineWithoutItsEnd) {
    std::istringstream in("one\r\n\nthree");
    BoundedLines lines(in);
    std::string line;
    EXPECT_EQ(lines.next(line), Got::Line);
    EXPECT_EQ(line, "one");
    EXPECT_EQ(lines.next(line), Got::Line);
    EXPECT_EQ(line, "");
    EXPECT_EQ(lines.next(line), Got::Line);
    EXPECT_EQ(line, "three");
    EXPECT_EQ(lines.next(line), Got::End);
}

TEST(BoundedLines, SkipTheRestOfALineThatIsTooLong) {
    std::istringstream in("12345\n123456\n1");
    BoundedLines lines(in, 5);
    std::string line;
    EXPECT_EQ(lines.next(line), Got::Line);
    EXPECT_EQ(lines.next(line), Got::TooLong);
    EXPECT_EQ(line, "12345");
    EXPECT_EQ(lines.next(line), Got::Line);
    EXPECT_EQ(line, "1");
}

}  // namespace
}  // namespace chatflow::cli
