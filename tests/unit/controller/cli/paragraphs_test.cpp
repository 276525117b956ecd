#include "controller/cli/paragraphs.hpp"

#include <gtest/gtest.h>

namespace chatflow::cli {
namespace {

TEST(Paragraph, BreaksAtSpacesBeforeTheLastColumn) {
    const std::string forty(40, 'a');
    EXPECT_EQ(paragraph(forty + " " + std::string(39, 'b')),
              forty + " " + std::string(39, 'b') + "\n");
    EXPECT_EQ(paragraph(forty + " " + std::string(40, 'b')),
              forty + "\n" + std::string(40, 'b') + "\n");
}

TEST(Paragraph, IndentsEachLineAndKeepsALongWordWhole) {
    const std::string word(90, 'w');
    EXPECT_EQ(paragraph("a " + word + "\nb", 2), "  a\n  " + word + "\n  b\n");
    EXPECT_EQ(paragraph("", 2), "");
}

TEST(Paragraph, CountsCharactersAndNotBytes) {
    std::string arrows;
    for (int i = 0; i < 80; ++i) arrows += "→";
    EXPECT_EQ(columns_of(arrows), 80U);
    EXPECT_EQ(padded("→", 3), "→  ");
    EXPECT_EQ(padded("long", 3), "long");
}

}  // namespace
}  // namespace chatflow::cli
