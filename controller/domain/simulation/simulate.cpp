#include "controller/domain/simulation/simulate.hpp"

#include "controller/domain/prediction/predictor.hpp"
#include "controller/domain/scaling/decide.hpp"
#include "controller/domain/scaling/history.hpp"
#include "controller/domain/simulation/cluster.hpp"

#include <algorithm>
#include <utility>

namespace chatflow::simulation {
namespace {

using prediction::LoadSeries;

// Nobody is told more often.
constexpr std::size_t kSecondsPerProgress = 6 * 3600;

std::int64_t ceil_divided(std::int64_t amount, std::int64_t by) { return (amount + by - 1) / by; }

std::int64_t first_of(const LoadSeries& load) {
    const auto found = std::ranges::find_if(load.samples, [](auto& s) { return s.has_value(); });
    return found == load.samples.end() ? 0 : **found;
}

/// So many that they are not full.
std::int32_t enough_for(std::int64_t load, const Settings& settings) {
    const std::int64_t full = settings.request * settings.full_percent;
    return static_cast<std::int32_t>(ceil_divided(load * 100, full));
}

std::int32_t replicas_at_start(const api::ScalingPolicySpec& spec, std::int64_t load,
                               const Settings& settings) {
    if (settings.initial_replicas) return *settings.initial_replicas;
    return std::clamp(enough_for(load, settings), spec.min_replicas,
                      std::max(spec.min_replicas, spec.max_replicas));
}

std::int64_t seconds_in(const LoadSeries& load) {
    return std::chrono::floor<std::chrono::seconds>(load.end() - load.start).count();
}

TimePoint moment(const LoadSeries& load, std::size_t second) {
    return load.start + std::chrono::seconds{static_cast<std::int64_t>(second)};
}

/// What the forecast of the load knows at each moment: the slots that are over.
class Foresight {
 public:
    Foresight(const api::PredictionSpec& spec, const LoadSeries& load)
        : tuning_(prediction::tuning_of(spec)),
          slots_(prediction::by_slot(load, tuning_.slot)),
          predictor_(tuning_, slots_.start) {}

    /// True when another slot is over.
    bool look_back(TimePoint now, Account& account) {
        const std::size_t before = done_;
        for (; done_ < slots_.samples.size(); ++done_) {
            const auto slots = static_cast<std::int64_t>(done_ + 1);
            if (slots_.start + tuning_.slot * slots > now) break;
            predictor_.add(slots_.samples[done_]);
            if (const auto held = predictor_.was_covered()) account.add_bound(*held);
        }
        return done_ > before;
    }
    [[nodiscard]] api::Forecast forecast() const { return predictor_.forecast(); }

 private:
    prediction::Tuning tuning_;
    LoadSeries slots_;
    prediction::Predictor predictor_;
    std::size_t done_ = 0;
};

/// The controller of one policy: what it remembers from one evaluation to the next.
class Controller {
 public:
    Controller(const api::ScalingPolicySpec& spec, const LoadSeries& load, Cluster& cluster,
               Run& run, Account& account)
        : spec_(spec), cluster_(cluster), run_(run), account_(account) {
        if (spec.prediction && spec.prediction->mode != api::PredictionMode::Off) {
            foresight_.emplace(*spec.prediction, load);
        }
    }

    void evaluate() {
        api::Observation& seen = cluster_.observe();
        seen.history =
            scaling::starting_history(std::move(seen.history), cluster_.replicas(), cluster_.now());
        if (foresight_ && foresight_->look_back(seen.now, account_)) {
            seen.forecast = foresight_->forecast();
        }
        const api::Decision decision = scaling::decide(spec_, seen);
        seen.history = scaling::advance(seen.history, spec_, seen, decision, scaling::Applied::Yes);
        if (!decision.error) {
            seen.metrics_missing_since.reset();
        } else if (!seen.metrics_missing_since) {
            seen.metrics_missing_since = seen.now;
        }
        act_on(decision);
    }

 private:
    void act_on(const api::Decision& decision) {
        const std::int32_t from = cluster_.replicas();
        if (decision.replicas != from) {
            cluster_.scale_to(decision.replicas);
            account_.add_change(from, decision.replicas);
            if (account_.is_open()) {
                run_.changes.push_back(
                    {cluster_.now(), from, decision.replicas, decision.reason, decision.message});
            }
        }
        account_.predict(decision.predicted.has_value());
        if (!account_.is_open()) return;
        run_.points.push_back({cluster_.now(), cluster_.load(), cluster_.replicas(),
                               cluster_.ready(), decision.predicted.value_or(0)});
    }

    const api::ScalingPolicySpec& spec_;
    Cluster& cluster_;
    Run& run_;
    Account& account_;
    std::optional<Foresight> foresight_;
};

/// Without what not_played() names.
api::ScalingPolicySpec as_played(api::ScalingPolicySpec spec) {
    spec.drain.reset();
    spec.override_with.reset();
    spec.pause.reset();
    spec.rebalance.reset();
    return spec;
}

/// Closed while the simulation warms up.
Account account_of(const Settings& settings) {
    return {settings.request, settings.limit_or_request(), settings.full_percent};
}

}  // namespace

std::vector<std::string> not_played(const api::ScalingPolicySpec& spec) {
    std::vector<std::string> fields;
    if (spec.drain) fields.emplace_back("drain");
    if (spec.override_with) fields.emplace_back("override");
    if (spec.pause) fields.emplace_back("pause");
    if (spec.rebalance) fields.emplace_back("rebalance");
    return fields;
}

Run simulate(std::string name, const api::ScalingPolicySpec& policy, const LoadSeries& load,
             const Settings& settings, const Progress& progress) {
    const api::ScalingPolicySpec spec = as_played(policy);
    const std::int64_t first = first_of(load);
    Run run{.name = std::move(name)};
    Account account = account_of(settings);
    Cluster cluster(settings, spec.metrics.front(), replicas_at_start(spec, first, settings), first,
                    load.start);
    Controller controller(spec, load, cluster, run, account);

    const auto seconds = static_cast<std::size_t>(seconds_in(load));
    const auto period = static_cast<std::size_t>(std::max(1, spec.evaluation_period_seconds));
    const auto warm_up = static_cast<std::size_t>(settings.warm_up.count());
    for (std::size_t second = 0; second <= seconds; ++second) {
        if (second == warm_up) account.open();
        cluster.begin_second();
        if (second % period == 0) controller.evaluate();
        cluster.serve(load.at(cluster.now()));
        account.add_second(cluster.load(), cluster.replicas(), cluster.ready());
        if (progress && second % kSecondsPerProgress == 0) {
            progress(static_cast<double>(second) / static_cast<double>(seconds + 1));
        }
    }
    run.summary = account.summary();
    return run;
}

Run consult(Oracle oracle, const api::ScalingPolicySpec& spec, const LoadSeries& load,
            const Settings& settings) {
    const auto seconds = static_cast<std::size_t>(seconds_in(load));
    const auto period = static_cast<std::size_t>(std::max(1, spec.evaluation_period_seconds));
    const auto warm_up = static_cast<std::size_t>(settings.warm_up.count());
    std::vector<std::int64_t> loads;
    loads.reserve(seconds + 1);
    std::int64_t last = first_of(load);
    for (std::size_t second = 0; second <= seconds; ++second) {
        last = load.at(moment(load, second)).value_or(last);
        loads.push_back(last);
    }
    const auto counted = loads.begin() + static_cast<std::ptrdiff_t>(std::min(warm_up, seconds));
    const std::int32_t most = enough_for(*std::max_element(counted, loads.end()), settings);

    Run run{.name = oracle == Oracle::Static ? "static" : "oracle"};
    Account account = account_of(settings);
    account.open();
    std::int32_t replicas = 0;
    for (std::size_t second = std::min(warm_up, seconds); second <= seconds; ++second) {
        if (second % period == 0 || replicas == 0) {
            const auto from = loads.begin() + static_cast<std::ptrdiff_t>(second);
            const auto to = loads.begin() +
                            static_cast<std::ptrdiff_t>(std::min(second + period, loads.size()));
            const std::int32_t enough = enough_for(*std::max_element(from, to), settings);
            const std::int32_t wanted = std::max(1, oracle == Oracle::Static ? most : enough);
            if (replicas > 0 && wanted != replicas) account.add_change(replicas, wanted);
            replicas = wanted;
            run.points.push_back({moment(load, second), loads[second], replicas, replicas});
        }
        account.add_second(loads[second], replicas, replicas);
    }
    run.summary = account.summary();
    return run;
}

}  // namespace chatflow::simulation
