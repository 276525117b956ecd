#include "libs/jobs/fetched.hpp"

#include "libs/redis/errors.hpp"

#include <utility>

namespace chatflow::jobs {
namespace {

const char* code_of(Outcome::Kind kind) {
    switch (kind) {
        case Outcome::Kind::Complete:
            return "c";
        case Outcome::Kind::Fail:
            return "f";
        case Outcome::Kind::Delay:
            return "d";
        case Outcome::Kind::Retry:
            return "r";
        case Outcome::Kind::Postpone:
            return "l";
        case Outcome::Kind::HandBack:
            return "h";
        case Outcome::Kind::PutBack:
            return "p";
    }
    return "p";
}

const char* code_of(ParentOnFailure on_parent) {
    switch (on_parent) {
        case ParentOnFailure::Wait:
            return "";
        case ParentOnFailure::Fail:
            return "fpof";
        case ParentOnFailure::Continue:
            return "cpof";
        case ParentOnFailure::IgnoreDependency:
            return "idof";
        case ParentOnFailure::RemoveDependency:
            return "rdof";
    }
    return "";
}

Milliseconds at(std::int64_t milliseconds) {
    return Milliseconds(std::chrono::milliseconds(milliseconds));
}

}  // namespace

void Outcome::append_to(std::vector<std::string>& arguments) const {
    const JobOptions& options = job.options;
    const bool goes_on = kind == Kind::Postpone || kind == Kind::HandBack || kind == Kind::PutBack;
    const bool is_delayed = kind == Kind::Delay || kind == Kind::Postpone;
    const Keep& keep = kind == Kind::Complete ? options.on_complete : options.on_fail;
    const Parent parent = options.parent.value_or(Parent{});
    const std::string mode =
        kind == Kind::Retry ? (options.lifo ? "lifo" : "") : code_of(options.on_parent);
    const std::string place = is_delayed ? std::to_string(delay_until.time_since_epoch().count())
                                         : std::to_string(job.priority);
    const std::string attempts = std::to_string(job.attempts_made + (goes_on ? 0 : 1));
    arguments.insert(arguments.end(), {code_of(kind), job.id, token, value, stack_trace, attempts,
                                       keep.count ? std::to_string(*keep.count) : std::string(),
                                       keep.age ? std::to_string(keep.age->count()) : std::string(),
                                       parent.id.empty() ? std::string() : parent.queue + ":",
                                       job.deduplication_id, place, mode, parent.id});
}

Fetched parse_fetched(const redis::Reply& reply) {
    if (reply.size() != 4) throw redis::ProtocolError("a queue's script answered another shape");
    Fetched fetched;
    for (std::size_t i = 0; i < reply[0].size(); ++i) {
        fetched.reports.push_back(static_cast<Report>(reply[0][i].integer()));
    }
    std::vector<HashField> fields;
    OptionsMemo memo;
    for (std::size_t i = 0; i + 1 < reply[1].size(); i += 2) {
        const auto hash = reply[1][i + 1];
        fields.clear();
        for (std::size_t j = 0; j + 1 < hash.size(); j += 2) {
            fields.emplace_back(hash[j].text(), hash[j + 1].text());
        }
        const std::string id(reply[1][i].text());
        // Without a name it is not a job of ours; it fails, so that somebody sees it.
        Job job = parse_job(id, fields, memo)
                      .value_or(Job{.id = id, .deferred_failure = "it has no name"});
        ++job.attempts_started;
        fetched.jobs.push_back(std::move(job));
    }
    fetched.next_delayed = at(reply[2].integer());
    fetched.limited_for = std::chrono::milliseconds(reply[3].integer());
    return fetched;
}

}  // namespace chatflow::jobs
