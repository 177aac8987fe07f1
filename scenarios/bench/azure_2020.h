// Azure's trace for packing of 2020 (github.com/Azure/AzurePublicDataset, AzureTracesForPacking2020): the tables vmType and vm of
// its SQLite file, exported as CSV with headers. A VM type asks for parts of a machine, for which 64 cores and 256 GiB stand here;
// times are days.
#pragma once
#include "scenarios/bench/trace.h"

namespace orrery::scenarios::bench {

/// `machines` machines of the type `machine` (negative: the smallest id), since the trace does not tell how many there are. VMs
/// of types that the machine does not offer are left out; those that ended before the beginning, too. One that began before it
/// comes at the beginning and stays for what it had left; one without an end is censored at the latest time. Priorities, disks
/// and network are not followed. Throws InputError.
Trace read_azure_2020(const std::string& vm_types, const std::string& vms, std::int64_t machines, std::int64_t machine);

}  // namespace orrery::scenarios::bench
