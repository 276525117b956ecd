#include "controller/redis_agent/backup_volume.hpp"

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

namespace chatflow::redis_agent {
namespace {

namespace fs = std::filesystem;

constexpr const char* kDraft = ".draft";

std::vector<fs::path> files_in(const fs::path& folder) {
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(folder)) files.push_back(entry.path());
    return files;
}

}  // namespace

BackupVolume::BackupVolume(fs::path folder) : folder_(std::move(folder)) {}

std::vector<std::string> BackupVolume::names() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder_)) {
        const std::string name = entry.path().filename().string();
        // A volume of its own may have lost+found.
        if (entry.is_directory() && has(name)) names.push_back(name);
    }
    std::ranges::sort(names);
    return names;
}

bool BackupVolume::has(const std::string& name) const {
    return !name.starts_with('.') && fs::exists(file(name, 0));
}

int BackupVolume::shards(const std::string& name) const {
    int shards = 0;
    while (fs::exists(file(name, shards))) ++shards;
    return shards;
}

std::uintmax_t BackupVolume::bytes(const std::string& name) const {
    std::uintmax_t bytes = 0;
    for (const fs::path& file : files_in(folder_ / name)) bytes += fs::file_size(file);
    return bytes;
}

fs::path BackupVolume::file(const std::string& name, int shard) const {
    return folder_ / name / snapshot_name(shard);
}

fs::path BackupVolume::make_draft() {
    fs::remove_all(folder_ / kDraft);
    fs::create_directory(folder_ / kDraft);
    return folder_ / kDraft;
}

void BackupVolume::keep_draft(const std::string& name) {
    for (const fs::path& file : files_in(folder_ / kDraft)) sync_to_disk(file);
    sync_to_disk(folder_ / kDraft);
    fs::rename(folder_ / kDraft, folder_ / name);
    sync_to_disk(folder_);
}

void BackupVolume::remove_draft() noexcept {
    std::error_code ignored;
    fs::remove_all(folder_ / kDraft, ignored);
}

std::vector<std::string> BackupVolume::remove_all_but(int newest) {
    std::vector<std::string> gone = names();
    const auto kept = std::min(gone.size(), static_cast<std::size_t>(newest));
    gone.resize(gone.size() - kept);
    for (const std::string& name : gone) fs::remove_all(folder_ / name);
    return gone;
}

std::string snapshot_name(int shard) { return fmt::format("shard-{}.rdb", shard); }

void sync_to_disk(const fs::path& path) {
    const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) throw std::system_error(errno, std::generic_category(), path.string());
    const bool done = fsync(file) == 0;
    const int error = errno;
    close(file);
    if (!done) throw std::system_error(error, std::generic_category(), path.string());
}

}  // namespace chatflow::redis_agent
