#include "controller/runtime/work_queue.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chatflow::runtime {
namespace {

using testing::ElementsAre;
using namespace std::chrono_literals;
using Moment = WorkQueue::Moment;

const Moment t0 = Moment{} + 1h;
const api::ObjectKey a{"chat", "a"};
const api::ObjectKey b{"chat", "b"};

std::vector<std::string> take_all(WorkQueue& queue, Moment now) {
    std::vector<std::string> names;
    while (const auto taken = queue.next(now)) names.push_back(taken->key.name);
    return names;
}

TEST(WorkQueue, GivesKeysInTheOrderInWhichTheyCame) {
    WorkQueue queue;
    queue.add(b, t0);
    queue.add(a, t0);
    EXPECT_THAT(take_all(queue, t0), ElementsAre("b", "a"));
}

TEST(WorkQueue, AKeyWaitsOnceHoweverOftenItIsAdded) {
    WorkQueue queue;
    for (int i = 0; i < 10; ++i) queue.add(a, t0);
    EXPECT_THAT(take_all(queue, t0), ElementsAre("a"));
    EXPECT_EQ(queue.stats(t0).adds, 1U);
}

TEST(WorkQueue, WhatIsAddedWhileItIsWorkedOnComesAgainAfterwards) {
    WorkQueue queue;
    queue.add(a, t0);
    ASSERT_TRUE(queue.next(t0));
    queue.add(a, t0 + 1s);
    EXPECT_FALSE(queue.next(t0 + 2s));
    EXPECT_EQ(queue.done(a, t0 + 3s), 3s);
    const auto again = queue.next(t0 + 4s);
    ASSERT_TRUE(again);
    EXPECT_EQ(again->waited, 3s);  // since it was added, not since the work before was over
    queue.done(a, t0 + 4s);
    EXPECT_FALSE(queue.next(t0 + 5s));
}

TEST(WorkQueue, ADelayedKeyComesWhenItIsDue) {
    WorkQueue queue;
    queue.add_at(a, t0 + 10s, t0);
    EXPECT_FALSE(queue.next(t0 + 10s - 1ns));
    EXPECT_EQ(queue.next_due(), t0 + 10s);
    EXPECT_TRUE(queue.next(t0 + 10s));
    EXPECT_EQ(queue.next_due(), std::nullopt);
}

TEST(WorkQueue, OfSeveralDueTimesTheEarliestCounts) {
    WorkQueue queue;
    queue.add_at(a, t0 + 10s, t0);
    queue.add_at(a, t0 + 5s, t0);
    queue.add_at(a, t0 + 20s, t0);
    EXPECT_EQ(queue.stats(t0).delayed, 1U);
    EXPECT_TRUE(queue.next(t0 + 5s));
    queue.done(a, t0 + 5s);
    EXPECT_FALSE(queue.next(t0 + 1h));
}

TEST(WorkQueue, ADueTimeStaysWhenTheKeyIsTakenBefore) {
    WorkQueue queue;
    queue.add_at(a, t0 + 10s, t0);
    queue.add(a, t0);
    EXPECT_TRUE(queue.next(t0));
    queue.done(a, t0);
    EXPECT_FALSE(queue.next(t0 + 9s));
    EXPECT_TRUE(queue.next(t0 + 10s));
}

TEST(WorkQueue, WhatIsDueAlreadyComesNow) {
    WorkQueue queue;
    queue.add_at(a, t0 - 1s, t0);
    EXPECT_TRUE(queue.next(t0));
}

TEST(WorkQueue, FailuresOfAKeyGrowItsDelayUntilItIsForgotten) {
    WorkQueue queue(RetryLimits{.first = 5ms, .most = 40ms});
    Moment now = t0;
    for (const auto delay : {5ms, 10ms, 20ms, 40ms, 40ms}) {
        queue.add_rate_limited(a, now);
        EXPECT_FALSE(queue.next(now + delay - 1ms));
        now += delay;
        ASSERT_TRUE(queue.next(now));
        queue.done(a, now);
    }
    EXPECT_EQ(queue.failures(a), 5U);
    queue.forget(a);
    EXPECT_EQ(queue.failures(a), 0U);
    queue.add_rate_limited(a, now);
    EXPECT_TRUE(queue.next(now + 5ms));
    EXPECT_EQ(queue.stats(now).retries, 6U);
}

TEST(WorkQueue, RetriesOfAllKeysTogetherAreLimited) {
    WorkQueue queue(RetryLimits{.first = 1ms, .retries_per_second = 10, .retries_burst = 2});
    for (int i = 0; i < 12; ++i) queue.add_rate_limited({"chat", std::to_string(i)}, t0);
    EXPECT_EQ(take_all(queue, t0 + 1ms).size(), 2U);
    EXPECT_EQ(take_all(queue, t0 + 500ms).size(), 5U);
    EXPECT_EQ(take_all(queue, t0 + 1s).size(), 5U);
}

TEST(WorkQueue, CountsWhatWaitsAndWhatIsWorkedOn) {
    WorkQueue queue;
    queue.add(a, t0);
    queue.add(b, t0);
    queue.add_at({"chat", "c"}, t0 + 1h, t0);
    ASSERT_TRUE(queue.next(t0 + 1s));
    ASSERT_TRUE(queue.next(t0 + 3s));
    queue.add(a, t0 + 4s);  // while it is worked on: no depth yet
    const auto stats = queue.stats(t0 + 10s);
    EXPECT_EQ(stats.depth, 0U);
    EXPECT_EQ(stats.delayed, 1U);
    EXPECT_EQ(stats.processing, 2U);
    EXPECT_EQ(stats.unfinished, 9s + 7s);
    EXPECT_EQ(stats.longest_running, 9s);
}

TEST(WorkQueue, DoneWithAKeyThatNobodyTookChangesNothing) {
    WorkQueue queue;
    queue.add(a, t0);
    EXPECT_EQ(queue.done(a, t0 + 1s), 0s);
    EXPECT_THAT(take_all(queue, t0), ElementsAre("a"));
    EXPECT_TRUE(take_all(queue, t0).empty());
}

/// What the queue promises, said in the simplest way: which keys wait, are worked on, are due.
struct Model {
    std::set<std::string> wanted;
    std::set<std::string> working;
    std::map<std::string, Moment> due;

    void promote(Moment now) {
        std::erase_if(due, [&](const auto& entry) {
            if (entry.second <= now) wanted.insert(entry.first);
            return entry.second <= now;
        });
    }
    [[nodiscard]] std::set<std::string> ready() const {
        std::set<std::string> names;
        std::ranges::set_difference(wanted, working, std::inserter(names, names.end()));
        return names;
    }
};

TEST(WorkQueue, LosesNothingAndDoublesNothingInWhateverOrderThingsHappen) {
    std::minstd_rand random(20261121);  // a fixed sequence
    const auto pick = [&random](unsigned choices) { return random() % choices; };
    for (int round = 0; round < 100; ++round) {
        WorkQueue queue;
        Model model;
        Moment now = t0;
        for (int step = 0; step < 300; ++step) {
            const std::string name(1, static_cast<char>('a' + pick(5)));
            switch (pick(5)) {
                case 0:
                    queue.add({"", name}, now);
                    model.wanted.insert(name);
                    break;
                case 1: {
                    const Moment due = now + std::chrono::seconds(1 + pick(5));
                    queue.add_at({"", name}, due, now);
                    const auto known = model.due.try_emplace(name, due).first;
                    known->second = std::min(known->second, due);
                    break;
                }
                case 2:
                    model.promote(now);
                    if (const auto taken = queue.next(now)) {
                        ASSERT_TRUE(model.ready().contains(taken->key.name));
                        model.wanted.erase(taken->key.name);
                        model.working.insert(taken->key.name);
                    } else {
                        ASSERT_TRUE(model.ready().empty());
                    }
                    break;
                case 3:
                    queue.done({"", name}, now);
                    model.working.erase(name);
                    break;
                default:
                    now += 1s;
            }
            model.promote(now);
        }
    }
}

}  // namespace
}  // namespace chatflow::runtime
