#include "controller/clients/prometheus/pod_usage.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chatflow::prom {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

std::string answer(const std::string& samples) {
    return R"({"status":"success","data":{"resultType":"vector","result":[)" + samples + "]}}";
}

std::string sample(const std::string& pod, const std::string& container, const std::string& kind,
                   const std::string& value) {
    return R"({"metric":{"namespace":"chat","pod":")" + pod + R"(","container":")" + container +
           R"(","chatflow":")" + kind + R"("},"value":[1700000030,")" + value + R"("]})";
}

constexpr TimePoint kEvaluated{1'700'000'030s};  // in each sample

std::expected<UsageSnapshot, api::MetricError> parsed(const std::string& body) {
    return UsageSnapshot::parse(body, kEvaluated);
}

TEST(MeasuredAt, IsToldByTheClockThatMakesASampleOlder) {
    struct Case {
        const char* what;
        std::chrono::seconds server_is_ahead;
        std::chrono::milliseconds answer_took;
        std::chrono::milliseconds age_there;  // when the server evaluated
        std::chrono::milliseconds age_here;   // when its answer was there
    };
    for (const Case& one : std::initializer_list<Case>{
             {"one clock", 0s, 0ms, 3s, 3s},
             {"a slow answer", 0s, 2s, 3s, 5s},
             {"ours is behind", 300s, 0ms, 3s, 3s},
             {"ours is behind, and the target is dead", 300s, 0ms, 90s, 90s},
             {"ours is behind by less than the answer took", 1s, 2s, 3s, 4s},
             {"ours is ahead: as old as an answer of long ago", -300s, 0ms, 3s, 303s},
         }) {
        const TimePoint answered_at = kEvaluated - one.server_is_ahead + one.answer_took;
        const TimePoint told = kEvaluated - one.age_there;
        EXPECT_EQ(answered_at - measured_at(told, kEvaluated, answered_at), one.age_here)
            << one.what;
    }
}

TEST(UsageSnapshot, ASampleIsNoYoungerThanItsServerSays) {
    const auto body =
        answer(sample("a", "app", "time", "1700000000") + "," + sample("a", "app", "usage", "1"));
    const auto ours_is_behind = UsageSnapshot::parse(body, kEvaluated - 5min);
    EXPECT_EQ(ours_is_behind->find({"chat", "a"}).front().at, kEvaluated - 5min - 30s);
}

TEST(UsageSnapshot, JoinsUsageWithTheTimeOfItsNewestSample) {
    const auto snapshot = parsed(answer(sample("a", "app", "time", "1700000000") + "," +
                                        sample("a", "app", "usage", "0.0701")));

    ASSERT_TRUE(snapshot);
    const auto containers = snapshot->find({"chat", "a"});
    ASSERT_EQ(containers.size(), 1u);
    EXPECT_EQ(containers.front().container, "app");
    EXPECT_EQ(containers.front().usage, api::Quantity::from_milli(71));
    EXPECT_EQ(format_rfc3339(containers.front().at), "2023-11-14T22:13:20Z");
}

TEST(UsageSnapshot, KeepsTheContainersOfAPodApart) {
    const auto snapshot = parsed(
        answer(sample("a", "app", "usage", "1") + "," + sample("a", "proxy", "usage", "0.5")));
    ASSERT_TRUE(snapshot);
    EXPECT_EQ(snapshot->find({"chat", "a"}).size(), 2u);
}

TEST(UsageSnapshot, SpeaksOfAllThatWasAddedInAnyOrder) {
    const auto of = [](const std::string& name_space, const std::string& value) {
        std::string text =
            sample("a", "app", "usage", value) + "," + sample("b", "proxy", "usage", value);
        for (auto at = text.find("\"chat\""); at != std::string::npos; at = text.find("\"chat\"")) {
            text.replace(at + 1, 4, name_space);
        }
        return *parsed(answer(text));
    };
    UsageSnapshot all = of("web", "2");
    all.add(of("jobs", "1"));
    all.add(of("webs", "3"));

    EXPECT_EQ(all.find({"jobs", "a"}).front().usage, api::Quantity::from_milli(1000));
    EXPECT_EQ(all.find({"web", "a"}).front().usage, api::Quantity::from_milli(2000));
    EXPECT_EQ(all.find({"webs", "b"}).front().usage, api::Quantity::from_milli(3000));
    EXPECT_EQ(all.find({"webs", "b"}).front().container, "proxy");
    EXPECT_TRUE(all.find({"jobs", "c"}).empty());
}

TEST(UsageSnapshot, LeavesOutWhatIsNoNumberAndCountsIt) {
    const auto snapshot = parsed(answer(sample("a", "app", "usage", "NaN")));
    ASSERT_TRUE(snapshot);
    EXPECT_TRUE(snapshot->find({"chat", "a"}).empty());
    EXPECT_EQ(snapshot->not_numbers(), 1u);
}

TEST(UsageSnapshot, ATimeAloneIsNoUsage) {
    const auto snapshot = parsed(answer(sample("a", "app", "time", "1700000000")));
    ASSERT_TRUE(snapshot);
    EXPECT_TRUE(snapshot->find({"chat", "a"}).empty());
}

TEST(UsageSnapshot, ASampleWithoutATimeIsAsOldAsTheEpoch) {
    const auto snapshot = parsed(answer(sample("a", "app", "usage", "1")));
    ASSERT_TRUE(snapshot);
    EXPECT_EQ(snapshot->find({"chat", "a"}).front().at, TimePoint{});
}

TEST(UsageQuery, NamesTheNamespacesAndTheWindow) {
    const auto query = usage_query(Resource::Cpu, {"chat", "shop"}, 30);
    EXPECT_THAT(query, HasSubstr(R"(namespace=~"chat|shop")"));
    EXPECT_THAT(query, HasSubstr("container_cpu_usage_seconds_total{"));
    EXPECT_THAT(query, HasSubstr("offset 30s"));
}

TEST(UsageQuery, TakesNoHalfEmptyWindowForAWholeOne) {
    EXPECT_THAT(usage_query(Resource::Cpu, {"chat"}, 30), testing::Not(HasSubstr("rate(")));
}

TEST(UsageQuery, MemoryIsALevelNotARate) {
    const auto query = usage_query(Resource::Memory, {"chat"}, 30);
    EXPECT_THAT(query, HasSubstr("container_memory_working_set_bytes"));
    EXPECT_THAT(query, testing::Not(HasSubstr("offset")));
}

TEST(UsageQuery, ManyNamespacesAreNotListed) {
    std::set<std::string> namespaces;
    for (int i = 0; i < 400; ++i) namespaces.insert("ns-" + std::to_string(i));
    EXPECT_THAT(usage_query(Resource::Cpu, namespaces, 30), testing::Not(HasSubstr("namespace=~")));
}

}  // namespace
}  // namespace chatflow::prom
