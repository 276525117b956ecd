// Messages of a room or a user, a page at a time, into a file that is complete or not there.
#include "workloads/worker/chat_store.hpp"
#include "workloads/worker/export_request.hpp"
#include "workloads/worker/processors/processor.hpp"

#include <filesystem>
#include <fstream>
#include <memory>
#include <utility>

#include <nlohmann/json.hpp>

namespace chatflow::worker {
namespace {

using namespace std::chrono_literals;

constexpr auto kPageTime = 30s;
constexpr auto kCountTime = 60s;
constexpr auto kProgressTime = 5s;

void write_page(const std::filesystem::path& file, const std::string& lines, bool is_first) {
    if (is_first) std::filesystem::create_directories(file.parent_path());
    std::ofstream out(file, is_first ? std::ios::trunc : std::ios::app);
    out << lines << std::flush;
    if (!out) throw std::runtime_error("cannot write " + file.string());
}

class Export {
 public:
    Export(std::string folder, ChatStore& store, BlockingPool& pool)
        : folder_(std::move(folder)), store_(store), pool_(pool) {}

    awaitable<std::string> run(jobs::RunningJob& running) {
        const jobs::Job& job = running.job();
        const auto request = parse_export_request(job.data);
        if (!request) throw jobs::Unrecoverable("data: " + request.error());
        const std::string name = export_file(job.id, job.timestamp.time_since_epoch().count());
        const std::filesystem::path finished = std::filesystem::path(folder_) / name;
        const std::filesystem::path unfinished = finished.string() + ".part";
        const auto total = co_await store_.count_messages(*request, Deadline::after(kCountTime));
        std::int64_t done = 0;
        int percent = -1;
        ExportedMessage last;
        for (bool is_first = true;; is_first = false) {
            const auto page = co_await store_.messages_after(*request, last.room_id, last.seq,
                                                             Deadline::after(kPageTime));
            std::string lines;
            for (const ExportedMessage& message : page) lines += export_line(message);
            auto write = [unfinished, lines = std::move(lines), is_first] {
                write_page(unfinished, lines, is_first);
            };
            co_await pool_.run(std::move(write));
            done += static_cast<std::int64_t>(page.size());
            if (const int now = export_percent(done, total); now != percent) {
                percent = now;
                co_await running.set_progress(std::to_string(now), Deadline::after(kProgressTime));
            }
            if (page.size() < ChatStore::kPageMax) break;
            last = page.back();
        }
        auto show = [unfinished, finished] { std::filesystem::rename(unfinished, finished); };
        co_await pool_.run(std::move(show));
        co_await running.set_progress("100", Deadline::after(kProgressTime));
        co_return nlohmann::json{{"file", name}, {"messages", done}}.dump();
    }

 private:
    std::string folder_;
    ChatStore& store_;
    BlockingPool& pool_;
};

}  // namespace

jobs::Processor export_processor(std::string folder, ChatStore& store, BlockingPool& pool) {
    auto exports = std::make_shared<Export>(std::move(folder), store, pool);
    return [exports](jobs::RunningJob& running) { return exports->run(running); };
}

}  // namespace chatflow::worker
