#include "controller/redis_agent/backup.hpp"

#include "controller/redis_agent/config_files.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace chatflow::redis_agent {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kSuffix = ".rdb";
constexpr std::size_t kToldMax = 512;  // characters of what a program said

[[noreturn]] void fail(const std::string& what) {
    throw std::system_error(errno, std::generic_category(), what);
}

/// A file that goes with this object unless it was kept.
class Draft {
 public:
    explicit Draft(fs::path path) : path_(std::move(path)) {}
    ~Draft() {
        std::error_code ignored;
        fs::remove(path_, ignored);
    }
    Draft(const Draft&) = delete;
    Draft& operator=(const Draft&) = delete;
    [[nodiscard]] const fs::path& path() const { return path_; }

 private:
    fs::path path_;
};

/// The end of a text, in one line.
std::string last_of(std::string text) {
    while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
    if (text.size() > kToldMax) text.erase(0, text.size() - kToldMax);
    std::ranges::replace(text, '\n', ' ');
    return text;
}

/// Runs a program to its end; throws with the end of what it said when it fails.
void run(const std::vector<std::string>& words, const fs::path& output) {
    std::vector<char*> argv;
    for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
    argv.push_back(nullptr);
    const Draft said(output);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output.c_str(),
                                     O_CREAT | O_WRONLY | O_TRUNC, 0600);
    posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
    pid_t child = 0;
    errno = posix_spawn(&child, argv[0], &actions, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    if (errno != 0) fail(words[0]);
    int status = 0;
    while (waitpid(child, &status, 0) < 0) {
        if (errno != EINTR) fail(words[0]);
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return;
    throw std::runtime_error(fmt::format("{} failed: {}", fs::path(words[0]).filename().string(),
                                         last_of(read_file(output))));
}

/// The disk has it, and not only its cache.
void sync_to_disk(const fs::path& path) {
    const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) fail(path.string());
    const bool done = fsync(file) == 0;
    close(file);
    if (!done) fail(path.string());
}

/// Names of backups, oldest first: a name begins with its time.
std::vector<std::string> backups_in(const fs::path& folder) {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder)) {
        const fs::path& file = entry.path();
        const std::string name = file.stem().string();
        if (file.extension() == kSuffix && !name.starts_with('.')) names.push_back(name);
    }
    std::ranges::sort(names);
    return names;
}

fs::path file_of(const fs::path& folder, const std::string& name) {
    return folder / fmt::format("{}{}", name, kSuffix);
}

void copy_data_set(const Options& options, const fs::path& to) {
    const Place& node = options.nodes.front();
    std::vector<std::string> words{options.client, "-h", node.host, "-p",
                                   std::to_string(node.port)};
    if (!options.tls_folder.empty()) {
        words.insert(words.end(), {"--tls", "--cacert", options.tls_folder + "/ca.crt"});
    }
    words.insert(words.end(), {"--rdb", to.string()});
    // Not among the arguments, which every process may read.
    setenv("REDISCLI_AUTH", read_password(options.password_file).c_str(), 1);
    run(words, to.string() + ".log");
    unsetenv("REDISCLI_AUTH");
}

void keep_newest(const fs::path& folder, int keep, const Log& log) {
    const auto names = backups_in(folder);
    for (std::size_t i = 0; i + static_cast<std::size_t>(keep) < names.size(); ++i) {
        fs::remove(file_of(folder, names[i]));
        log.info("Older backup removed", {{"backup", names[i]}});
    }
}

/// What is left of a copy that was broken off.
void remove_drafts(const fs::path& folder) {
    std::vector<fs::path> drafts;
    for (const auto& entry : fs::directory_iterator(folder)) {
        if (entry.path().filename().string().starts_with(".draft-")) drafts.push_back(entry.path());
    }
    for (const fs::path& draft : drafts) fs::remove(draft);
}

void make_backup(const Options& options, const Log& log) {
    const fs::path folder = options.folder;
    const fs::path target = file_of(folder, options.backup);
    if (!fs::exists(target)) {
        remove_drafts(folder);
        const Draft draft(folder / (".draft-" + options.backup));
        copy_data_set(options, draft.path());
        run({options.check, draft.path()}, draft.path().string() + ".log");
        sync_to_disk(draft.path());
        fs::rename(draft.path(), target);
        sync_to_disk(folder);
    }
    keep_newest(folder, options.keep, log);
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

std::string chosen_backup(const Options& options) {
    const auto names = backups_in(options.from);
    if (options.backup.empty() && !names.empty()) return names.back();
    if (!options.backup.empty() && std::ranges::contains(names, options.backup)) {
        return options.backup;
    }
    throw std::runtime_error(
        fmt::format("there is no backup {}; there are: {}", options.backup,
                    names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", "))));
}

/// For the operator, who reads it from the pod's status.
void tell(const Options& options, const std::string& result) {
    std::ofstream file(options.result);
    file << result;
}

}  // namespace

void back_up(const Options& options, const Log& log) {
    try {
        make_backup(options, log);
    } catch (const std::exception& error) {
        tell(options, error.what());
        throw;
    }
    const auto bytes = fs::file_size(file_of(options.folder, options.backup));
    tell(options, fmt::format("backup={} bytes={}", options.backup, bytes));
    log.info("Backup made", {{"backup", options.backup}, {"bytes", bytes}});
}

void restore(const Options& options, const Log& log) {
    if (has_data(options.folder)) {
        tell(options, "the folder had data already");
        log.info("Nothing restored", {{"reason", "the folder has data"}});
        return;
    }
    try {
        const std::string name = chosen_backup(options);
        const fs::path file = file_of(options.from, name);
        run({options.check, file}, fs::path(options.folder) / ".draft-check.log");
        place(options, file);
        const auto bytes = fs::file_size(file);
        tell(options, fmt::format("backup={} bytes={}", name, bytes));
        log.info("Restored", {{"backup", name}, {"bytes", bytes}});
    } catch (const std::exception& error) {
        tell(options, error.what());
        throw;
    }
}

}  // namespace chatflow::redis_agent
