#include "workloads/chat-server/domain/near_copies.hpp"

#include <gtest/gtest.h>

namespace chatflow::chat {
namespace {

using namespace std::chrono_literals;

const NearCopies::Moment t0{};

class NearCopiesTest : public testing::Test {
 protected:
    void keep(const std::string& key, const std::string& text) {
        copies_.keep(key, text, copies_.changes(), t0);
    }
    bool has(const std::string& key, NearCopies::Moment now = t0) const {
        return copies_.find(key, now) != nullptr;
    }

    NearCopies copies_;
};

TEST_F(NearCopiesTest, GivesWhatWasKept) {
    keep("a", "one");
    keep("b", "two");
    keep("a", "three");
    ASSERT_TRUE(has("a"));
    EXPECT_EQ(*copies_.find("a", t0), "three");
    EXPECT_EQ(*copies_.find("b", t0), "two");
    EXPECT_FALSE(has("c"));
}

TEST_F(NearCopiesTest, GivesNothingOlderThanItsLife) {
    keep("a", "one");
    EXPECT_TRUE(has("a", t0 + NearCopies::kLife - 1ms));
    EXPECT_FALSE(has("a", t0 + NearCopies::kLife));
}

TEST_F(NearCopiesTest, ForgetsWhatChanged) {
    keep("a", "one");
    keep("b", "two");
    copies_.forget("a");
    EXPECT_FALSE(has("a"));
    EXPECT_TRUE(has("b"));
    copies_.forget_all();
    EXPECT_FALSE(has("b"));
}

TEST_F(NearCopiesTest, DoesNotKeepAnAnswerThatAChangeOvertook) {
    const auto asked = copies_.changes();
    copies_.forget("a");
    copies_.keep("a", "old", asked, t0);
    EXPECT_FALSE(has("a"));
    copies_.keep("a", "new", copies_.changes(), t0);
    EXPECT_TRUE(has("a"));
    const auto again = copies_.changes();
    copies_.forget_all();
    copies_.keep("a", "old", again, t0);
    EXPECT_FALSE(has("a"));
}

TEST_F(NearCopiesTest, KeepsNeitherTooManyNorTooLargeOnes) {
    keep("large", std::string(NearCopies::kCopyBytesMax + 1, 'x'));
    EXPECT_FALSE(has("large"));
    for (std::size_t i = 0; i <= NearCopies::kCopiesMax; ++i) keep(std::to_string(i), "x");
    EXPECT_FALSE(has("0"));
    EXPECT_TRUE(has(std::to_string(NearCopies::kCopiesMax)));
}

}  // namespace
}  // namespace chatflow::chat
