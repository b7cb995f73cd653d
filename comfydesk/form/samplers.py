"""Names of samplers and noise schedules in other programs, as ComfyUI calls them. Pure.

Sources: AUTOMATIC1111's modules/sd_samplers_kdiffusion.py and sd_schedulers.py (1.10), Forge's, InvokeAI's and
NovelAI's lists; ComfyUI's comfy/samplers.py.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

# Behind the letters and digits of a name ("DPM++ 2M SDE" → "dpmpp2msde") stands ComfyUI's. Only where they differ by
# more than signs.
_SAMPLERS = {
    "eulera": "euler_ancestral",
    "eulerancestral": "euler_ancestral",
    "euleracfgpp": "euler_ancestral_cfg_pp",
    "dpm2a": "dpm_2_ancestral",
    "kdpm2": "dpm_2",
    "kdpm2a": "dpm_2_ancestral",
    "kdpm2ancestral": "dpm_2_ancestral",
    "dpmpp2sa": "dpmpp_2s_ancestral",
    "unipcbh2": "uni_pc_bh2",
    "forgefluxrealistic": "euler",
    "forgefluxrealisticslow": "euler",
    "ressolver": "res_multistep",
}
_KNOWN = (
    "euler", "euler_cfg_pp", "euler_ancestral", "euler_ancestral_cfg_pp", "heun", "heunpp2", "dpm_2",
    "dpm_2_ancestral", "lms", "dpm_fast", "dpm_adaptive", "dpmpp_2s_ancestral", "dpmpp_2s_ancestral_cfg_pp",
    "dpmpp_sde", "dpmpp_sde_gpu", "dpmpp_2m", "dpmpp_2m_cfg_pp", "dpmpp_2m_sde", "dpmpp_2m_sde_gpu",
    "dpmpp_2m_sde_heun", "dpmpp_2m_sde_heun_gpu", "dpmpp_3m_sde", "dpmpp_3m_sde_gpu", "ddpm", "lcm", "ipndm",
    "ipndm_v", "deis", "res_multistep", "res_multistep_cfg_pp", "res_multistep_ancestral",
    "res_multistep_ancestral_cfg_pp", "gradient_estimation", "gradient_estimation_cfg_pp", "er_sde", "seeds_2",
    "seeds_3", "sa_solver", "sa_solver_pece", "ddim", "uni_pc", "uni_pc_bh2", "exp_heun_2_x0", "exp_heun_2_x0_sde",
)  # fmt: skip
_SCHEDULES = {
    "uniform": "normal",
    "normal": "normal",
    "native": "normal",
    "karras": "karras",
    "exponential": "exponential",
    "polyexponential": "exponential",  # with rho 1, the default, the two are one
    "sgmuniform": "sgm_uniform",
    "simple": "simple",
    "ddim": "ddim_uniform",
    "ddimuniform": "ddim_uniform",
    "beta": "beta",
    "kloptimal": "kl_optimal",
    "linearquadratic": "linear_quadratic",
}
_SUFFIXES = ("karras", "polyexponential", "exponential", "sgm uniform", "simple", "beta", "normal", "uniform")
# What "Automatic" means there; the normal schedule for all others.
_AUTOMATIC = {
    "dpm_2": "karras",
    "dpm_2_ancestral": "karras",
    "dpmpp_2m": "karras",
    "dpmpp_sde": "karras",
    "dpmpp_2s_ancestral": "karras",
    "dpmpp_2m_sde": "exponential",
    "dpmpp_2m_sde_heun": "exponential",
    "dpmpp_3m_sde": "exponential",
}
_SIGNS = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Names:
    """ComfyUI's names, "" for what it does not have. `is_named`: the schedule was said, not concluded."""

    sampler: str = ""
    scheduler: str = ""
    is_named: bool = False


def comfy_names(sampler: str, schedule: str = "") -> Names:
    """ComfyUI's sampler_name and scheduler for another program's names.

    Older versions of AUTOMATIC1111 say no schedule where it is the plain one; ComfyUI's own names imply none.

    >>> comfy_names("DPM++ 2M Karras")
    Names(sampler='dpmpp_2m', scheduler='karras', is_named=True)
    """
    name, said = _split(sampler[:100].lower().strip())
    found = _sampler(name)
    wanted = _plain(schedule[:100].lower()) or _plain(said)
    if wanted == "automatic":
        return Names(found, _AUTOMATIC.get(found, "normal") if found else "", True)
    if wanted:
        return Names(found, _SCHEDULES.get(wanted, ""), True)
    if not found or sampler in _KNOWN:
        return Names(found)
    return Names(found, "ddim_uniform" if found == "ddim" else "normal")


def _split(name: str) -> tuple[str, str]:
    """The schedule that a name ends with: "dpm++ 2m karras" of older versions, "dpmpp_2m_k" of InvokeAI."""
    for suffix in _SUFFIXES:
        if name.endswith((f" {suffix}", f"_{suffix}")):
            return name[: -len(suffix) - 1], suffix
    if name.endswith("_k"):
        return name[:-2], "karras"
    return name, ""


def _sampler(name: str) -> str:
    key = _plain(name)
    for candidate in (key, key[1:] if name.startswith("k_") else key):  # NovelAI writes k_ before all of them
        found = _SAMPLERS.get(candidate) or _BY_PLAIN.get(candidate)
        if found:
            return found
    return ""


def _plain(name: str) -> str:
    return _SIGNS.sub("", name.replace("++", "pp"))


_BY_PLAIN = {_plain(name): name for name in _KNOWN}
