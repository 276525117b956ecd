#include "controller/clients/kube/line_buffer.hpp"

#include <stdexcept>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chatflow::kube {
namespace {

using testing::ElementsAre;

std::vector<std::string> lines_of(LineBuffer& buffer) {
    std::vector<std::string> lines;
    while (const auto line = buffer.next()) lines.emplace_back(*line);
    return lines;
}

TEST(LineBuffer, CutsTheSameLinesFromPiecesOfAnySize) {
    const std::string text = "one\ntwo\r\n\nthree\nfo";
    for (std::size_t piece = 1; piece <= text.size(); ++piece) {
        LineBuffer buffer(100);
        std::vector<std::string> lines;
        for (std::size_t at = 0; at < text.size(); at += piece) {
            buffer.add(text.substr(at, piece));
            for (std::string& line : lines_of(buffer)) lines.push_back(std::move(line));
        }
        EXPECT_THAT(lines, ElementsAre("one", "two", "", "three")) << piece;
        EXPECT_TRUE(buffer.has_rest());
    }
}

TEST(LineBuffer, HasNoRestAfterAWholeLine) {
    LineBuffer buffer(100);
    buffer.add("one\n");
    EXPECT_THAT(lines_of(buffer), ElementsAre("one"));
    EXPECT_FALSE(buffer.has_rest());
}

TEST(LineBuffer, RefusesALineThatNeverEnds) {
    LineBuffer buffer(10);
    buffer.add("0123456789");
    EXPECT_EQ(buffer.next(), std::nullopt);
    buffer.add("0");
    EXPECT_THROW((void)buffer.next(), std::length_error);
}

}  // namespace
}  // namespace chatflow::kube
