// A backup of real servers, and a new topology that begins with it.
#include "tests/integration/redis/ensemble.hpp"
#include "tests/integration/redis/write_ledger.hpp"
#include "tests/support/temporary_folder.hpp"

#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace chatflow {
namespace {

using namespace std::chrono_literals;
using test::Ensemble;
using test::WriteLedger;
using testing::HasSubstr;
namespace fs = std::filesystem;

std::set<std::string> files_in(const fs::path& folder) {
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder)) {
        names.insert(entry.path().filename().string());
    }
    return names;
}

class RedisBackup : public testing::Test {
 protected:
    static void SetUpTestSuite() {
        ensemble_ = std::make_unique<Ensemble>();
        master_ = ensemble_->wait_until_safe();
        replica_ = (master_ + 1) % Ensemble::kSize;
    }
    static void TearDownTestSuite() { ensemble_.reset(); }

    static void write(const std::map<std::string, std::string>& values) {
        for (const auto& [key, value] : values) ensemble_->set(master_, key, value);
        const auto has_all = [&] {
            return ensemble_->get(replica_, values.rbegin()->first) == values.rbegin()->second;
        };
        ASSERT_TRUE(ensemble_->wait_until(has_all));
    }

    static std::unique_ptr<Ensemble> ensemble_;
    static int master_;
    static int replica_;
};
std::unique_ptr<Ensemble> RedisBackup::ensemble_;
int RedisBackup::master_ = -1;
int RedisBackup::replica_ = -1;

/// What a node holds; every value is a string.
std::map<std::string, std::string> data_of(Ensemble& ensemble, int node) {
    const redis::Command all{"KEYS", "*"};
    const auto keys = ensemble.ask(node, all);
    std::map<std::string, std::string> data;
    for (std::size_t i = 0; i < keys.size(); ++i) {
        const std::string key(keys[i].text());
        data[key] = ensemble.get(node, key);
    }
    return data;
}

TEST_F(RedisBackup, ANewTopologyBeginsWithExactlyTheDataOfThatMoment) {
    const test::TemporaryFolder backups;
    std::map<std::string, std::string> then;
    for (int i = 0; i < 300; ++i) then[fmt::format("key-{}", i)] = fmt::format("value-{}", i);
    write(then);
    ASSERT_EQ(ensemble_->back_up(replica_, backups.path(), "20261121-030000", 7), 0)
        << ensemble_->said();
    EXPECT_THAT(ensemble_->said(), HasSubstr("backup=20261121-030000 bytes="));
    write({{"key-1", "changed"}, {"key-x", "later"}});
    const redis::Command remove{"DEL", "key-2"};
    (void)ensemble_->ask(master_, remove);

    Ensemble restored({.first_data = backups.path()});
    EXPECT_EQ(restored.wait_for_master(), 0);
    for (int node = 0; node < Ensemble::kSize; ++node) {
        EXPECT_EQ(data_of(restored, node), then) << node;
    }
}

TEST_F(RedisBackup, UnderLoadTheNewestAreKeptAndNoDraft) {
    const test::TemporaryFolder backups;
    WriteLedger ledger(*ensemble_, ensemble_->node(master_));
    ledger.start(4);
    ensemble_->wait(300ms);
    for (const char* name : {"20261121-030000", "20261121-040000", "20261121-050000"}) {
        ASSERT_EQ(ensemble_->back_up(replica_, backups.path(), name, 2), 0) << ensemble_->said();
    }
    ledger.stop();
    EXPECT_GT(ledger.acknowledged(), 50U);
    EXPECT_EQ(files_in(backups.path()),
              (std::set<std::string>{"20261121-040000", "20261121-050000"}));
}

TEST_F(RedisBackup, AFailureLeavesNoFileAndSaysWhy) {
    const test::TemporaryFolder backups;
    ensemble_->kill_node(replica_);
    EXPECT_EQ(ensemble_->back_up(replica_, backups.path(), "20261121-030000", 7), 1);
    EXPECT_THAT(ensemble_->said(), HasSubstr("failed: "));
    EXPECT_THAT(files_in(backups.path()), testing::IsEmpty());
    ensemble_->start_node(replica_);
    EXPECT_EQ(ensemble_->wait_until_safe(), master_);
}

TEST_F(RedisBackup, ADamagedOneIsNotRestoredNorIsAnythingOverwritten) {
    const test::TemporaryFolder backups;
    const test::TemporaryFolder data;
    EXPECT_EQ(ensemble_->restore(backups.path(), data.path()), 1);
    EXPECT_THAT(ensemble_->said(), HasSubstr("there are: none"));
    ASSERT_EQ(ensemble_->back_up(replica_, backups.path(), "20261121-030000", 7), 0);
    const fs::path file = backups.path() / "20261121-030000" / "shard-0.rdb";
    {
        std::fstream damaged(file, std::ios::in | std::ios::out | std::ios::binary);
        damaged.seekp(static_cast<std::streamoff>(fs::file_size(file) / 2));
        damaged << "damaged";
    }
    EXPECT_EQ(ensemble_->restore(backups.path(), data.path()), 1);
    EXPECT_THAT(files_in(data.path()), testing::IsEmpty());

    ASSERT_EQ(ensemble_->back_up(replica_, backups.path(), "20261121-040000", 7), 0);
    ASSERT_EQ(ensemble_->restore(backups.path(), data.path()), 0) << ensemble_->said();
    const auto written = files_in(data.path() / "appendonlydir");
    EXPECT_EQ(ensemble_->restore(backups.path(), data.path()), 0);
    EXPECT_EQ(ensemble_->said(), "backup=20261121-040000 bytes=0: the folder had data already");
    EXPECT_EQ(files_in(data.path() / "appendonlydir"), written);
}

}  // namespace
}  // namespace chatflow
