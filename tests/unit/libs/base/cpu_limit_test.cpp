#include "libs/base/cpu_limit.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

namespace chatflow {
namespace {

/// A folder that looks like /sys/fs/cgroup.
class Cgroup : public testing::Test {
 protected:
    Cgroup() {
        std::string name = (std::filesystem::temp_directory_path() / "cgroup-XXXXXX").string();
        root_ = ::mkdtemp(name.data());
    }
    ~Cgroup() override { std::filesystem::remove_all(root_); }

    void write(const std::filesystem::path& file, const char* text) const {
        std::filesystem::create_directories((root_ / file).parent_path());
        std::ofstream(root_ / file) << text << '\n';
    }

    std::filesystem::path root_;
};

TEST_F(Cgroup, WithoutFilesIsNotLimited) { EXPECT_EQ(cpu_limit(root_), std::nullopt); }

TEST_F(Cgroup, Version2SaysQuotaAndPeriod) {
    write("cpu.max", "150000 100000");
    EXPECT_EQ(cpu_limit(root_), 1.5);
    write("cpu.max", "max 100000");
    EXPECT_EQ(cpu_limit(root_), std::nullopt);
}

TEST_F(Cgroup, Version1SaysItInTwoFiles) {
    write("cpu,cpuacct/cpu.cfs_quota_us", "50000");
    write("cpu,cpuacct/cpu.cfs_period_us", "100000");
    EXPECT_EQ(cpu_limit(root_), 0.5);
    write("cpu,cpuacct/cpu.cfs_quota_us", "-1");
    EXPECT_EQ(cpu_limit(root_), std::nullopt);
}

TEST(ThreadsFor, IsOnePerBegunCpuOfTheMachine) {
    EXPECT_EQ(threads_for(std::nullopt, 8), 8U);
    EXPECT_EQ(threads_for(0.25, 8), 1U);
    EXPECT_EQ(threads_for(1.5, 8), 2U);
    EXPECT_EQ(threads_for(16.0, 8), 8U);
    EXPECT_EQ(threads_for(std::nullopt, 0), 1U);
}

}  // namespace
}  // namespace chatflow
