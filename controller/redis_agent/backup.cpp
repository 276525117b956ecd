#include "controller/redis_agent/backup.hpp"

#include "controller/redis_agent/backup_volume.hpp"
#include "controller/redis_agent/config_files.hpp"
#include "controller/redis_agent/program_run.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <ranges>
#include <stdexcept>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace chatflow::redis_agent {
namespace {

namespace fs = std::filesystem;

constexpr int kCopiesAtOnce = 8;  // of as many shards; each is a connection and a file
constexpr const char* kOrigin = "restored-from";  // in a data folder: the backup's name

Words copy_words(const Options& options, const Place& node, const fs::path& to) {
    Words words{options.client, "-h", node.host, "-p", std::to_string(node.port)};
    if (!options.tls_folder.empty()) {
        words.insert(words.end(), {"--tls", "--cacert", options.tls_folder + "/ca.crt"});
    }
    words.insert(words.end(), {"--rdb", to.string()});
    return words;
}

/// All shards at once, as far as the bound goes, so that their moments lie close together.
void copy_data_sets(const Options& options, const fs::path& folder) {
    // Not among the arguments, which every process may read.
    setenv("REDISCLI_AUTH", read_password(options.password_file).c_str(), 1);
    std::vector<Words> copies;
    std::vector<Words> checks;
    for (const Place& node : options.nodes) {
        const fs::path file = folder / snapshot_name(static_cast<int>(copies.size()));
        copies.push_back(copy_words(options, node, file));
        checks.push_back({options.check, file});
    }
    for (const auto& some : copies | std::views::chunk(kCopiesAtOnce)) {
        run_all({some.begin(), some.end()}, folder);
    }
    unsetenv("REDISCLI_AUTH");
    for (const Words& check : checks) run_all({check}, folder);
}

void make_backup(const Options& options, BackupVolume& volume) {
    if (volume.has(options.backup)) return;
    try {
        copy_data_sets(options, volume.make_draft());
        volume.keep_draft(options.backup);
    } catch (const std::exception&) {
        volume.remove_draft();
        throw;
    }
}

/// redis.io/docs: with appendonly a node reads what the manifest of its append-only folder names,
/// and no dump.rdb. The manifest comes last: without it the folder counts as empty.
void place(const Options& options, const fs::path& file) {
    const fs::path folder = options.folder;
    if (!options.appendonly) {
        const fs::path draft = folder / ".draft-dump";
        fs::copy_file(file, draft, fs::copy_options::overwrite_existing);
        sync_to_disk(draft);
        fs::rename(draft, folder / "dump.rdb");
        return sync_to_disk(folder);
    }
    const fs::path draft = folder / ".draft-appendonlydir";
    fs::remove_all(draft);
    fs::create_directories(draft);
    constexpr const char* kBase = "appendonly.aof.1.base.rdb";
    fs::copy_file(file, draft / kBase);
    sync_to_disk(draft / kBase);
    {
        std::ofstream manifest(draft / "appendonly.aof.manifest");
        manifest << "file " << kBase << " seq 1 type b\n";
        if (!manifest.flush()) throw std::runtime_error("cannot write the manifest");
    }
    sync_to_disk(draft / "appendonly.aof.manifest");
    fs::rename(draft, folder / "appendonlydir");
    sync_to_disk(folder);
}

std::string chosen_backup(const Options& options, const BackupVolume& volume) {
    const auto names = volume.names();
    if (options.backup.empty() && !names.empty()) return names.back();
    if (!options.backup.empty() && std::ranges::contains(names, options.backup)) {
        return options.backup;
    }
    throw std::runtime_error(
        fmt::format("there is no backup {}; there are: {}", options.backup,
                    names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", "))));
}

void require_room(const Options& options, const std::string& name, int shards) {
    if (shards <= options.shards) return;
    if (options.shards == 1) {
        throw std::runtime_error(
            fmt::format("{} is of a cluster of {} shards: mode has to be Cluster", name, shards));
    }
    throw std::runtime_error(fmt::format(
        "{} has {} shards: shards has to be at least as many, not {}; lower it when all is there",
        name, shards, options.shards));
}

/// The name of the backup that the folder's data come from.
std::string origin_of(const fs::path& folder) {
    const fs::path file = folder / kOrigin;
    return fs::exists(file) ? read_file(file) : "";
}

void write_origin(const fs::path& folder, const std::string& name) {
    std::ofstream file(folder / kOrigin);
    file << name;
    if (!file.flush()) throw std::runtime_error("cannot write the data folder");
}

/// For the operator, who reads it from the pod's status.
void tell(const Options& options, const std::string& result) {
    std::ofstream file(options.result);
    file << result;
}

std::string bring_first_data(const Options& options) {
    if (has_data(options.folder)) {
        return fmt::format("backup={} bytes=0: the folder had data already",
                           origin_of(options.folder));
    }
    const BackupVolume volume(options.from);
    const std::string name = chosen_backup(options, volume);
    const int shards = volume.shards(name);
    require_room(options, name, shards);
    if (options.shard >= shards)
        return fmt::format("backup={} bytes=0: it has no such shard", name);
    const fs::path file = volume.file(name, options.shard);
    run_all({{options.check, file}}, options.folder);
    write_origin(options.folder, name);
    place(options, file);
    return fmt::format("backup={} bytes={}", name, fs::file_size(file));
}

}  // namespace

void back_up(const Options& options, const Log& log) {
    BackupVolume volume(options.folder);
    try {
        make_backup(options, volume);
        for (const std::string& name : volume.remove_all_but(options.keep)) {
            log.info("Older backup removed", {{"backup", name}});
        }
    } catch (const std::exception& error) {
        tell(options, error.what());
        throw;
    }
    const auto bytes = volume.bytes(options.backup);
    tell(options, fmt::format("backup={} bytes={}", options.backup, bytes));
    log.info("Backup made", {{"backup", options.backup}, {"bytes", bytes}});
}

void restore(const Options& options, const Log& log) {
    try {
        const std::string result = bring_first_data(options);
        tell(options, result);
        log.info("Restored", {{"result", result}});
    } catch (const std::exception& error) {
        tell(options, error.what());
        throw;
    }
}

}  // namespace chatflow::redis_agent
