#include "controller/clients/kubelet/node_usage.hpp"

#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace chatflow::kubelet {
namespace {

constexpr std::int64_t kStart = 1'732'190'000'000;  // milliseconds since 1970
const api::ObjectKey kPod{"chat", "web-1"};

std::string cpu(double seconds, std::int64_t at, const char* container = "web") {
    return fmt::format(
        "container_cpu_usage_seconds_total{{container=\"{}\",namespace=\"chat\",pod=\"web-1\"}} {} "
        "{}\n",
        container, seconds, kStart + at);
}

std::string memory(std::int64_t bytes, std::int64_t at) {
    return fmt::format(
        "# TYPE container_memory_working_set_bytes gauge\n"
        "container_memory_working_set_bytes{{container=\"web\",namespace=\"chat\",pod=\"web-1\"}} "
        "{} {}\n",
        bytes, kStart + at);
}

std::optional<std::int64_t> millicores(const NodeUsage& usage) {
    const auto* samples = usage.find(prom::Resource::Cpu, kPod);
    if (samples == nullptr) return std::nullopt;
    return samples->front().usage.milli();
}

TEST(NodeUsage, MakesARateOfTwoSamplesByTheirOwnTimes) {
    NodeUsage usage;
    usage.take(cpu(10, 0));
    EXPECT_EQ(millicores(usage), std::nullopt) << "one sample of a counter is no usage";
    usage.take(cpu(10.5, 2000));
    EXPECT_EQ(millicores(usage), 250);
    const auto& sample = usage.find(prom::Resource::Cpu, kPod)->front();
    EXPECT_EQ(sample.at, TimePoint{std::chrono::milliseconds{kStart + 2000}});
}

TEST(NodeUsage, KeepsTheRateAndItsTimeWhileTheKubeletSaysNothingNew) {
    NodeUsage usage;
    usage.take(cpu(10, 0));
    usage.take(cpu(11, 2000));
    usage.take(cpu(11, 2000));
    EXPECT_EQ(millicores(usage), 500);
    const auto& sample = usage.find(prom::Resource::Cpu, kPod)->front();
    EXPECT_EQ(sample.at, TimePoint{std::chrono::milliseconds{kStart + 2000}}) << "it ages";
}

TEST(NodeUsage, HasNoUsageOfAContainerThatRestartedUntilItWasMeasuredTwice) {
    NodeUsage usage;
    usage.take(cpu(10, 0));
    usage.take(cpu(11, 2000));
    usage.take(cpu(0.1, 4000));
    EXPECT_EQ(millicores(usage), std::nullopt);
    usage.take(cpu(0.5, 6000));
    EXPECT_EQ(millicores(usage), 200);
}

TEST(NodeUsage, HasNoUsageAfterTheNodesClockWasSetBack) {
    NodeUsage usage;
    usage.take(cpu(10, 10000));
    usage.take(cpu(11, 12000));
    usage.take(cpu(12, 3000));
    EXPECT_EQ(millicores(usage), std::nullopt);
    usage.take(cpu(13, 5000));
    EXPECT_EQ(millicores(usage), 500);
}

TEST(NodeUsage, ForgetsWhatThePageDoesNotNameAnyMore) {
    NodeUsage usage;
    usage.take(cpu(10, 0) + cpu(5, 0, "sidecar") + memory(1000, 0));
    usage.take(cpu(11, 2000) + cpu(6, 2000, "sidecar") + memory(2000, 2000));
    EXPECT_EQ(usage.find(prom::Resource::Cpu, kPod)->size(), 2U);
    EXPECT_EQ(usage.find(prom::Resource::Memory, kPod)->front().usage.milli(), 2'000'000);
    usage.take(cpu(12, 4000));
    EXPECT_EQ(usage.find(prom::Resource::Cpu, kPod)->size(), 1U);
    EXPECT_EQ(usage.find(prom::Resource::Memory, kPod), nullptr);
    usage.take("");
    EXPECT_EQ(usage.find(prom::Resource::Cpu, kPod), nullptr);
}

TEST(NodeUsage, TakesNoDataFromLinesWithoutTimeOrNumber) {
    const std::string labels = "{container=\"web\",namespace=\"chat\",pod=\"web-1\"}";
    const std::string name = "container_memory_working_set_bytes";
    for (const std::string& line : std::vector<std::string>{
             name + labels + " NaN 1732190000000", name + labels + " +Inf 1732190000000",
             name + labels + " 5", name + labels, name + "{container=\"web\"", name + "{pod",
             name + "{container=\"web\",namespace=\"chat\",pod=\"\"} 5 1732190000000", name}) {
        NodeUsage usage;
        usage.take(line);
        EXPECT_EQ(usage.find(prom::Resource::Memory, kPod), nullptr) << line;
    }
}

}  // namespace
}  // namespace chatflow::kubelet
