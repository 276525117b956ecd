#include "controller/clients/prometheus/pod_usage.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chatflow::prom {
namespace {

using testing::HasSubstr;

std::string answer(const std::string& samples) {
    return R"({"status":"success","data":{"resultType":"vector","result":[)" + samples + "]}}";
}

std::string sample(const std::string& pod, const std::string& container, const std::string& kind,
                   const std::string& value) {
    return R"({"metric":{"namespace":"chat","pod":")" + pod + R"(","container":")" + container +
           R"(","chatflow":")" + kind + R"("},"value":[1700000030,")" + value + R"("]})";
}

TEST(UsageSnapshot, JoinsUsageWithTheTimeOfItsNewestSample) {
    const auto snapshot = UsageSnapshot::parse(answer(sample("a", "app", "time", "1700000000") +
                                                      "," + sample("a", "app", "usage", "0.0701")));

    ASSERT_TRUE(snapshot);
    const auto containers = snapshot->find({"chat", "a"});
    ASSERT_EQ(containers.size(), 1u);
    EXPECT_EQ(containers.front().container, "app");
    EXPECT_EQ(containers.front().usage, api::Quantity::from_milli(71));
    EXPECT_EQ(format_rfc3339(containers.front().at), "2023-11-14T22:13:20Z");
}

TEST(UsageSnapshot, KeepsTheContainersOfAPodApart) {
    const auto snapshot = UsageSnapshot::parse(
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
        return *UsageSnapshot::parse(answer(text));
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
    const auto snapshot = UsageSnapshot::parse(answer(sample("a", "app", "usage", "NaN")));
    ASSERT_TRUE(snapshot);
    EXPECT_TRUE(snapshot->find({"chat", "a"}).empty());
    EXPECT_EQ(snapshot->not_numbers(), 1u);
}

TEST(UsageSnapshot, ATimeAloneIsNoUsage) {
    const auto snapshot = UsageSnapshot::parse(answer(sample("a", "app", "time", "1700000000")));
    ASSERT_TRUE(snapshot);
    EXPECT_TRUE(snapshot->find({"chat", "a"}).empty());
}

TEST(UsageSnapshot, ASampleWithoutATimeIsAsOldAsTheEpoch) {
    const auto snapshot = UsageSnapshot::parse(answer(sample("a", "app", "usage", "1")));
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
