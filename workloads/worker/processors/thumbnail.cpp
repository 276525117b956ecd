// The picture is decoded by a child process that may use little memory and time and open nothing:
// what a hostile picture does to a decoder it does there.
#include "workloads/worker/picture_store.hpp"
#include "workloads/worker/processors/child.hpp"
#include "workloads/worker/processors/processor.hpp"

#include <algorithm>
#include <filesystem>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

namespace chatflow::worker {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr unsigned kSizeMax = 2048;    // pixels of the longer side
constexpr std::size_t kSizesMax = 10;  // of one job

struct Order {
    fs::path source;  // within the folder
    std::vector<unsigned> sizes;
};

Order parse_order(const std::string& text) {
    const json data = json::parse(text, nullptr, false);
    if (!data.is_object() || !data.contains("source") || !data["source"].is_string()) {
        throw jobs::Unrecoverable("data.source must be the path of a picture");
    }
    Order order{.source = fs::path(data["source"].get<std::string>()).lexically_normal(),
                .sizes = {256}};
    if (order.source.empty() || order.source.is_absolute() || *order.source.begin() == "..") {
        throw jobs::Unrecoverable("data.source must be a path within the media folder");
    }
    if (!data.contains("sizes")) return order;
    const auto is_size = [](const json& size) {
        return size.is_number_unsigned() && size.get<std::uint64_t>() >= 1 &&
               size.get<std::uint64_t>() <= kSizeMax;
    };
    const json& sizes = data["sizes"];
    if (!sizes.is_array() || sizes.empty() || sizes.size() > kSizesMax ||
        !std::ranges::all_of(sizes, is_size)) {
        throw jobs::Unrecoverable("data.sizes must be 1 to 10 numbers from 1 to 2048");
    }
    order.sizes = sizes.get<std::vector<unsigned>>();
    return order;
}

std::string make_all(PictureStore& pictures, const Order& order) {
    const auto source = pictures.open(order.source);
    json files = json::array();
    for (const unsigned size : order.sizes) {
        const ChildResult result = run_thumbnail_child(source->path(), size);
        if (result.status == ChildResult::Status::Refused) {
            throw jobs::Unrecoverable(result.text);
        }
        if (result.status == ChildResult::Status::Failed) throw std::runtime_error(result.text);
        fs::path name = order.source;
        name.replace_extension("." + std::to_string(size) + ".jpg");
        pictures.put(name, result.text);
        files.push_back(name.string());
    }
    return json({{"files", std::move(files)}}).dump(-1, ' ', false, json::error_handler_t::replace);
}

awaitable<std::string> make_thumbnails(PictureStore& pictures, BlockingPool& pool,
                                       jobs::RunningJob& running) {
    auto make = [&pictures, order = parse_order(running.job().data)] {
        return make_all(pictures, order);
    };
    co_return co_await pool.run(std::move(make));
}

}  // namespace

jobs::Processor thumbnail_processor(PictureStore& pictures, BlockingPool& pool) {
    return [&pictures, &pool](jobs::RunningJob& running) {
        return make_thumbnails(pictures, pool, running);
    };
}

}  // namespace chatflow::worker
