#include "controller/domain/redis/queue_search.hpp"

#include <gmock/gmock.h>

namespace chatflow::redis_topology {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const Endpoint kFirst{"10.96.0.1", 6379};
const Endpoint kSecond{"10.96.0.2", 6379};

TEST(QueueSearch, GoesOnBehindWhatTheVisitBeforeHasSeen) {
    QueueSearch search;
    EXPECT_EQ(search.cursor_at(kFirst), "0");
    search.heard(kFirst, "96", {"session:1", "session:2"});
    EXPECT_THAT(search.known({kFirst}), IsEmpty());
    EXPECT_EQ(search.cursor_at(kFirst), "96");
    search.heard(kFirst, "0", {"bull:mails:meta"});
    EXPECT_EQ(search.cursor_at(kFirst), "");
    EXPECT_THAT(search.known({kFirst}), ElementsAre("mails"));
    EXPECT_EQ(search.cursor_at(kFirst), "0") << "the next round begins anew";
}

TEST(QueueSearch, NamesAQueueAtOnceAndDropsOneThatAWholeRoundHasNotSeen) {
    QueueSearch search;
    search.heard(kFirst, "7", {"bull:mails:meta"});
    EXPECT_THAT(search.known({kFirst}), ElementsAre("mails"));
    search.heard(kFirst, "0", {});
    EXPECT_THAT(search.known({kFirst}), ElementsAre("mails"));
    search.heard(kFirst, "7", {});
    EXPECT_THAT(search.known({kFirst}), ElementsAre("mails"));
    search.heard(kFirst, "0", {});
    EXPECT_THAT(search.known({kFirst}), IsEmpty());
}

TEST(QueueSearch, ARoundEndsWhenEveryMasterIsThroughAndWaitsForNobodyWhoIsGone) {
    QueueSearch search;
    search.heard(kFirst, "0", {"{bull}:a:meta"});
    search.heard(kSecond, "5", {});
    EXPECT_THAT(search.known({kFirst, kSecond}), ElementsAre("a"));
    EXPECT_EQ(search.cursor_at(kFirst), "") << "not again in this round";
    EXPECT_THAT(search.known({kFirst}), ElementsAre("a"));
    EXPECT_EQ(search.cursor_at(kFirst), "0");
}

}  // namespace
}  // namespace chatflow::redis_topology
