#include "controller/cli/load_query.hpp"

#include "controller/cli/load_csv.hpp"
#include "controller/clients/cpprest_transport.hpp"
#include "controller/clients/kube/configured_credentials.hpp"
#include "controller/clients/prometheus/client.hpp"
#include "libs/async/blocking_pool.hpp"
#include "libs/async/clock.hpp"

#include <algorithm>
#include <stdexcept>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <fmt/format.h>

namespace chatflow::cli {
namespace {

using Samples = std::vector<std::optional<std::int64_t>>;

// A part of 10,000 points over a day of a busy server.
constexpr std::chrono::seconds kPartTime{60};

awaitable<Samples> read_part(prom::Client& client, std::string query, prom::Range range) {
    const auto body =
        co_await client.query_range(std::move(query), range, Deadline::after(kPartTime));
    if (!body) throw std::runtime_error(body.error().message);
    auto samples = prom::read_range(*body, range);
    if (samples) co_return *std::move(samples);
    // A part without data is a gap; whether all of it is empty is told in the end.
    if (samples.error().reason == "EmptyResult") co_return Samples(range.points());
    throw std::runtime_error(samples.error().message);
}

void check(const LoadQuery& query) {
    const prom::Range whole{query.from, query.to, query.step};
    if (query.to <= query.from) throw std::runtime_error("--to must be later than --from");
    if (whole.points() > kLoadSamplesMax) {
        throw std::runtime_error(
            fmt::format("{} points are too many, at most {}: take a greater --step", whole.points(),
                        kLoadSamplesMax));
    }
}

}  // namespace

prediction::LoadSeries read_load(const LoadQuery& query,
                                 const std::function<void(double)>& progress) {
    check(query);
    asio::io_context io;
    SystemClock clock;
    BlockingPool files(1, 16);
    const auto transport = clients::make_cpprest_transport({.base_url = query.url, .tls = {}});
    kube::ConfiguredCredentials credentials({.server = query.url,
                                             .authorities = {.text = {}, .file = query.ca_file},
                                             .token = {.text = {}, .file = query.token_file}},
                                            clock, files);
    prom::Client client(io.get_executor(), *transport,
                        {.credentials = &credentials, .query_timeout = kPartTime},
                        [](auto, auto) {});

    prediction::LoadSeries load{.start = query.from, .step = query.step, .samples = {}};
    const auto part = query.step * static_cast<std::int64_t>(prom::kRangePointsMax - 1);
    for (TimePoint from = query.from; from <= query.to; from += part + query.step) {
        progress(static_cast<double>((from - query.from).count()) /
                 static_cast<double>((query.to - query.from).count()));
        const prom::Range range{from, std::min<TimePoint>(from + part, query.to), query.step};
        auto read = asio::co_spawn(io, read_part(client, query.query, range), asio::use_future);
        io.restart();
        io.run();
        const Samples samples = read.get();
        load.samples.insert(load.samples.end(), samples.begin(), samples.end());
    }
    if (std::ranges::none_of(load.samples, [](auto& s) { return s.has_value(); })) {
        throw std::runtime_error("the query has no data between --from and --to");
    }
    return load;
}

}  // namespace chatflow::cli
