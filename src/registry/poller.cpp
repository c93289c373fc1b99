#include "atelier/registry/poller.h"
