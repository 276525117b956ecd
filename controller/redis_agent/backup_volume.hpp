#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace chatflow::redis_agent {

/// A folder of backups. Each is a folder of its own with a snapshot for every shard, shard-0.rdb
/// and so on (mode Replication has one), and has its name once all of them are whole and on disk.
/// Throws std::filesystem::filesystem_error and std::system_error. One writer at a time.
class BackupVolume {
 public:
    explicit BackupVolume(std::filesystem::path folder);

    /// Oldest first: a name begins with its time.
    [[nodiscard]] std::vector<std::string> names() const;
    [[nodiscard]] bool has(const std::string& name) const;
    [[nodiscard]] int shards(const std::string& name) const;
    [[nodiscard]] std::uintmax_t bytes(const std::string& name) const;
    [[nodiscard]] std::filesystem::path file(const std::string& name, int shard) const;

    /// An empty folder for the files of a backup to come; what others have broken off goes.
    std::filesystem::path make_draft();
    /// The draft becomes the backup of that name.
    void keep_draft(const std::string& name);
    void remove_draft() noexcept;
    /// All but the newest; the names of those that went.
    std::vector<std::string> remove_all_but(int newest);

 private:
    std::filesystem::path folder_;
};

[[nodiscard]] std::string snapshot_name(int shard);

/// The disk has the file or folder, and not only its cache.
void sync_to_disk(const std::filesystem::path& path);

}  // namespace chatflow::redis_agent
